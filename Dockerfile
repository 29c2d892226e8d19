# fercli with the locked versions, for a user without rights. GPUs: docker run --gpus all.
# Build:  docker build --tag fercli .
# Run:    docker run --rm --gpus all --shm-size 8g --user "$(id -u):$(id -g)" --volume "$PWD:/work" fercli list
FROM python:3.12-slim-bookworm

ENV PATH=/opt/fercli/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/home/fercli \
    TORCH_HOME=/home/fercli/.cache/torch \
    MPLCONFIGDIR=/tmp/matplotlib

RUN python -m venv /opt/fercli && \
    /opt/fercli/bin/python -m pip install --no-cache-dir uv==0.13.9 && \
    useradd --create-home --uid 1000 fercli && \
    chmod 777 /home/fercli

# The versions change less often than the code: this layer is built once for each lock.
COPY requirements.lock /tmp/requirements.lock
RUN VIRTUAL_ENV=/opt/fercli uv pip install --no-cache --compile-bytecode --requirements /tmp/requirements.lock

COPY pyproject.toml setup.cfg README.md LICENSE /tmp/fercli/
COPY fercli /tmp/fercli/fercli
COPY conf /tmp/fercli/conf
COPY data/published /tmp/fercli/data/published
RUN VIRTUAL_ENV=/opt/fercli uv pip install --no-cache --no-deps --compile-bytecode /tmp/fercli

USER 1000
WORKDIR /work
ENTRYPOINT ["fercli"]
CMD ["--help"]
