# Completion of fercli for fish. Load it with: fercli completion fish | source
function __fercli_complete
    set --local line (commandline --cut-at-cursor --current-process | string collect)
    COLUMNS=1000 _FERCLI_COMPLETE=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS=$line fercli 2>/dev/null
end
complete --command fercli --arguments "(__fercli_complete)"
