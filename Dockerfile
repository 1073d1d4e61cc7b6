# entralint in an image that holds nothing else: a static binary, run by a user without a name.
#
#   docker build --tag entralint .
#   docker run --rm --network none --volume "$PWD:/src:ro" entralint check
FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY . .
RUN RUSTFLAGS='-C target-feature=+crt-static' \
    cargo build --release --locked --package entralint --target "$(rustc -vV | sed -n 's/^host: //p')" \
    && cp "target/$(rustc -vV | sed -n 's/^host: //p')/release/entralint" /entralint

FROM scratch
COPY --from=build /entralint /entralint
COPY LICENSE-MIT LICENSE-APACHE THIRD-PARTY.md /licenses/
USER 65532:65532
WORKDIR /src
ENTRYPOINT ["/entralint"]
CMD ["check"]
