# entralint in an image that holds nothing else: a static binary, run by a user without a name.
#
#   docker build --tag entralint .
#   docker run --rm --network none --volume "$PWD:/src:ro" entralint check
FROM rust:1.95-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /build
COPY . .
RUN target="$(rustc -vV | sed -n 's/^host: //p')" \
    && RUSTFLAGS='-C target-feature=+crt-static' \
       cargo build --release --locked --package entralint --target "$target" \
    && cp "target/$target/release/entralint" /entralint

FROM scratch
COPY --from=build /entralint /entralint
# For `catalog fetch` alone: mount your company's certificates over it where its proxy signs anew.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY LICENSE-MIT LICENSE-APACHE THIRD-PARTY.md /licenses/
USER 65532:65532
WORKDIR /src
ENTRYPOINT ["/entralint"]
CMD ["check"]
