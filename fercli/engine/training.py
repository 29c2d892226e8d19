"""One training from configuration to finished run folder; a stopped training continues where it was."""

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.plugins.environments import SLURMEnvironment
from pytorch_lightning.utilities.exceptions import MisconfigurationException
from pytorch_lightning.utilities.rank_zero import rank_zero_only

from fercli.config import Config, plain, save, unresolved
from fercli.datasets.near_together import near_together
from fercli.datasets.store import Store
from fercli.engine.build import build_data, build_method
from fercli.engine.callbacks import Checkpoints, History, RecordStart
from fercli.engine.evaluation import evaluate
from fercli.engine.failure import recording_failure
from fercli.engine.folds import cross_validation_id, divided, fold_facts, folds_of
from fercli.engine.identity import data_fingerprint
from fercli.engine.lineage import Start, start_of
from fercli.engine.mean_passer import build_passer
from fercli.engine.meter import meter_facts
from fercli.engine.pairs import UntrainedPairs
from fercli.engine.predict import Progress
from fercli.engine.profiler import build_profiler
from fercli.engine.questionnaires import store_of
from fercli.engine.run_options import run_options
from fercli.engine.stopping import FallingLoss, StopByTrainingLoss
from fercli.engine.weights import WholeCheckpoints, require_sound_checkpoint
from fercli.errors import ConfigError, InterruptedRunError, RunError, StoppedRunError
from fercli.files import remove_parts, write_text
from fercli.own_code import LOG, keeping_traceback
from fercli.runs.folder import RunFolder, write_json
from fercli.runs.provenance import provenance, read_provenance
from fercli.trackers.loggers import log_results, log_start, loggers_of
from fercli.trackers.record import forget

OWN = (
    *("batch_size", "global_batch", "num_workers", "ema_decay", "compile", "channels_last", "checkpoint_every_minutes"),
    *("freeze_norm", "max_steps", "profiler"),
)


def train(
    cfg: Config,
    overrides: Sequence[str],
    callbacks: Sequence[pl.Callback] = (),
    resume: bool = True,
    progress: Progress = lambda done, total: None,
    config_dirs: Sequence[Path] = (),
    run: RunFolder | None = None,
) -> RunFolder:
    """Train unless the run is finished already; evaluate; write `metrics.json` last.

    Args:
        resume: continue an unfinished run from its last checkpoint; otherwise start it again.
        progress: of the evaluation; the progress of the training is a callback.
        config_dirs: folders with yaml files of the user's own, for the emotion model of a mean passer.
        run: folder to train in; None for the folder that is named after the configuration and its hash.

    Raises:
        ConfigError, DataError, RunError: before training starts, where something does not fit. No folder is left then.
    """
    store = store_of(cfg)
    data = build_data(cfg, store)
    method, sizes = build_method(cfg, data)
    run = run or RunFolder.of(cfg.runs, unresolved(cfg), data_fingerprint(cfg, store))
    if run.finished:  # no lock for reading: the run may belong to another user, or lie on a read-only disk
        run.drop_checkpoints()  # left by a process that was killed just before it deleted them
        return run
    is_main = rank_zero_only.rank == 0  # type: ignore[attr-defined]
    history = History(run.path / "history.csv")
    passer = None if cfg.passer is None else build_passer(cfg, sizes, config_dirs)
    callbacks = [history, RecordStart(run), UntrainedPairs(run), *([passer] if passer else []), *callbacks]
    with loggers_of(cfg, run) as loggers:
        trainer = build_trainer(cfg, run, callbacks, loggers)  # before the folder exists: it may refuse its options
        with ExitStack() as held, keeping_traceback(run.path / LOG):
            if is_main:
                held.enter_context(run.lock())
                held.enter_context(recording_failure(run))
            if run.finished:  # by another process that held the lock
                return run
            if is_main:
                prepare(run, cfg, store, overrides, resume, start_of(cfg.get("init"), method, store.classes))
            log_start(loggers, cfg, run)
            fit(trainer, method, data, run, resume)
            if trainer.is_global_zero:
                method.to(trainer.strategy.root_device)  # the trainer leaves it on the CPU
                (checkpoints,) = (callback for callback in callbacks if isinstance(callback, Checkpoints))
                facts = history.facts() | (passer.facts() if passer else {})
                if (folds := folds_of(cfg)) is not None:
                    joined = cross_validation_id(unresolved(cfg), data_fingerprint(cfg, store))
                    facts |= fold_facts(folds, divided(cfg, store), data.split, cfg.seed, joined)
                if cfg.twins == "near":
                    facts |= {"near_duplicates": asdict(near_together(store))}
                facts |= meter_facts(history.rows, method.metrics, cfg.selection.rule, checkpoints.best_epoch)
                evaluate(cfg, run, data, method, facts, progress)
                run.drop_checkpoints()
                log_results(loggers, run)
    return run


def prepare(
    run: RunFolder, cfg: Config, store: Store, overrides: Sequence[str], resume: bool, start: Start | None = None
) -> None:
    """Write what the run is before it begins. A run that continues keeps the record of who trained it so far.

    Args:
        start: what the training starts from, if `init` names a run.
    """
    if not resume:
        run.last.unlink(missing_ok=True)
        run.best.unlink(missing_ok=True)
        shutil.rmtree(run.profile, ignore_errors=True)
        forget(run.path)
    parts = read_provenance(run.path).get("parts", []) if run.last.is_file() else []
    run.failure.unlink(missing_ok=True)
    (run.path / LOG).unlink(missing_ok=True)
    for folder in (run.path, run.last.parent):
        remove_parts(folder)
    if run.last.is_file() and run.best.is_file():
        require_sound_checkpoint(run.best)  # report damage now, not after the rest of the training
    write_text(run.path / "overrides.txt", "\n".join(overrides) + "\n")
    save(cfg, run.config)
    parent = {} if start is None else {"parent": start.document()}
    write_json(run.path / "provenance.json", provenance(store_facts(store), parts) | parent)


def store_facts(store: Store) -> dict[str, Any]:
    """Return what identifies the data of a run, and how it was prepared: new images need the same preparation."""
    return {
        "name": store.name,
        "fingerprint": store.fingerprint,
        "classes": list(store.classes),
        "options": store.meta.get("options", {}),
    }


def fit(
    trainer: pl.Trainer, method: pl.LightningModule, data: pl.LightningDataModule, run: RunFolder, resume: bool
) -> None:
    """Fit; with `resume`, from the last checkpoint if there is one.

    Raises:
        RunError: the checkpoint does not fit; training was interrupted.
    """
    # With resume=False, rank 0 deletes the checkpoint; another rank may arrive here first.
    checkpoint = str(run.last) if resume and run.last.is_file() else None
    try:
        trainer.fit(method, datamodule=data, ckpt_path=checkpoint, weights_only=True)
    except RuntimeError as error:
        if checkpoint and "Error(s) in loading state_dict" in str(error):
            raise RunError(f"{run.last} does not fit this method; start again with --resume never") from error
        raise
    except StoppedRunError:
        raise
    except RunError as error:
        if trainer.fit_loop.epoch_progress.current.ready:  # a step was tried
            raise RunError(f"epoch {trainer.current_epoch + 1}: {error}") from error
        raise
    if trainer.interrupted:
        raise InterruptedRunError(f"interrupted; the same command continues from {run.last}")


def build_trainer(
    cfg: Config, run: RunFolder, callbacks: list[pl.Callback], loggers: Sequence[pl.loggers.Logger] = ()
) -> pl.Trainer:
    """Return the Lightning trainer of a run."""
    options = run_options(cfg)
    if cfg.trainer.ema_decay is not None:
        callbacks.append(pl.callbacks.EMAWeightAveraging(decay=cfg.trainer.ema_decay))
    if cfg.selection.rule == "training_loss":
        rule = FallingLoss(cfg.selection.patience_steps, cfg.selection.average_steps)
        callbacks.append(StopByTrainingLoss(rule))
    callbacks.append(Checkpoints(run, options.selection, cfg.trainer.checkpoint_every_minutes))
    is_main = rank_zero_only.rank == 0  # type: ignore[attr-defined]  # processes would write one file
    return lightning_trainer(
        cfg,
        callbacks,
        default_root_dir=run.path,
        logger=list(loggers),
        profiler=build_profiler(cfg.trainer.profiler, run) if is_main else None,
        max_steps=-1 if cfg.trainer.max_steps is None else cfg.trainer.max_steps,
    )


def lightning_trainer(cfg: Config, callbacks: Sequence[pl.Callback], **own: Any) -> pl.Trainer:
    """Return a Lightning trainer that gets the options of `trainer` that fercli does not read itself.

    Args:
        own: options of this trainer; they go before those of the configuration.

    Raises:
        ConfigError: the batch cannot be divided over the processes, or Lightning refuses an option.
    """
    options = plain(cfg.trainer)
    world = (options["devices"] if isinstance(options["devices"], int) else 1) * options["num_nodes"]
    if world > 0 and options["batch_size"] % world:
        raise ConfigError(f"trainer.batch_size={options['batch_size']} cannot be divided over {world} processes")
    try:
        # `Checkpoints` handles SLURM's signals, and the job requeues itself. Lightning's own handler would save a
        # checkpoint in a place where fercli does not look.
        slurm = SLURMEnvironment(auto_requeue=False) if SLURMEnvironment.detect() else None
        return pl.Trainer(
            callbacks=list(callbacks),
            plugins=[WholeCheckpoints(), *([slurm] if slurm else [])],
            enable_checkpointing=False,
            enable_model_summary=False,
            enable_progress_bar=False,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            **{key: value for key, value in options.items() if key not in OWN} | own,
        )
    except (MisconfigurationException, RuntimeError, TypeError, ValueError) as error:
        raise ConfigError(f"the trainer refuses its options: {error}") from error
