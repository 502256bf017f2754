# Two stages: everything is built from hashed requirements in the first, and only its result goes on.
FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    UV_NO_PROGRESS=1

# The requirements come first, so that this layer is kept while only the code changes.
COPY requirements/main.txt requirements/dev.txt requirements/uv.txt /src/requirements/
RUN python -m venv /opt/dressrun \
 && /opt/dressrun/bin/pip install --require-hashes -r /src/requirements/main.txt \
 && python -m venv /opt/uv \
 && /opt/uv/bin/pip install --require-hashes -r /src/requirements/uv.txt

# The build backend is checked against the hashes in dev.txt, of which nothing else is installed.
WORKDIR /src
COPY . .
RUN /opt/uv/bin/uv build --wheel --require-hashes --build-constraints requirements/dev.txt --out-dir /wheels \
 && /opt/dressrun/bin/pip install --no-deps /wheels/*.whl


FROM python:3.13-slim

RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin dressrun \
 && install --directory --owner=dressrun --group=dressrun --mode=0700 /data

COPY --from=build /opt/dressrun /opt/dressrun

ENV PATH=/opt/dressrun/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    DRESSRUN_BIND=0.0.0.0:8000 \
    DRESSRUN_DATA_DIR=/data

USER dressrun
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM

# Alive is all it asks: a database that is away is no reason to restart the process.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

# Exec form: the process itself gets SIGTERM. It migrates the database before it listens.
CMD ["dressrun", "up"]
