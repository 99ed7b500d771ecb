#!/bin/sh
# Generates the secrets of compose.yaml in .secrets, once: files that exist are kept.
set -eu
umask 077
cd "$(dirname "$0")/.."
mkdir -p .secrets
keep() {
  if [ ! -s ".secrets/$1" ]; then cat >".secrets/$1"; else cat >/dev/null; fi
  # The server in the container is not the user who runs this; the folder stays closed to everyone else.
  chmod 644 ".secrets/$1"
}
for name in postgres_password owner_password server_password first_admin_password; do
  openssl rand -hex 24 | keep "$name"
done
openssl rand -base64 48 | keep jwt_secret
printf 'postgres://rolegate:%s@postgres:5432/rolegate\n' "$(cat .secrets/server_password)" | keep database_url
printf 'postgres://rolegate_owner:%s@postgres:5432/rolegate\n' "$(cat .secrets/owner_password)" | keep database_admin_url
echo "The secrets are in .secrets. The first administrator is root, with the password in .secrets/first_admin_password."
