# casebook in a container, as a user without rights:
#   docker build -t casebook .
#   docker run --rm -v "$PWD:/work" casebook run station -o /work/station
FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates gcc git make
COPY . /casebook
WORKDIR /casebook
RUN ./bootstrap build && make install DESTDIR=/installed

FROM debian:12-slim
# What the program is linked with, under the names of this release, and what draws figures.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-dejavu-core gnuplot-nox \
	libbz2-1.0 libcsv3 libfyaml0 libgsl27 libjansson4 liblz4-1 liblzma5 libsqlite3-0 libxxhash0 libzstd1 zlib1g \
	&& rm -rf /var/lib/apt/lists/* && useradd --create-home casebook
COPY --from=build /installed /
USER casebook
WORKDIR /work
ENTRYPOINT ["casebook"]
CMD ["help"]
