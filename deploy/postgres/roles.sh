#!/bin/sh
# Creates the two logins of the README on a new PostgreSQL server: the owner, which migrates, and the server's, which
# owns nothing. The official image of PostgreSQL runs it once, on an empty volume.
set -eu
psql -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-rolegate}" \
  -v owner="$(cat "${OWNER_PASSWORD_FILE:-/run/secrets/owner_password}")" \
  -v server="$(cat "${SERVER_PASSWORD_FILE:-/run/secrets/server_password}")" <<'SQL'
create role rolegate_owner login createrole password :'owner';
create role rolegate login noinherit password :'server';
select format('alter database %I owner to rolegate_owner', current_database()) \gexec
alter schema public owner to rolegate_owner;
SQL
