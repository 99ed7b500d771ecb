import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseNode } from './node.ts';

/** The ports of a cluster; of a part that is there several times, the first one's. */
export const PORTS = {
  etcd: 15_379,
  etcdPeers: 15_380,
  postgres: 15_431,
  patroni: 15_081,
  primary: 15_000,
  servers: 15_401,
  http: 15_400,
  nginx: 15_410,
} as const;

/** Returns the arguments of etcd. One node: in earnest there are three. */
export function etcdOf(host: string, dataFolder: string): string[] {
  const [clients, peers] = [`http://${host}:${PORTS.etcd}`, `http://${host}:${PORTS.etcdPeers}`];
  return [
    ['--data-dir', dataFolder],
    ['--listen-client-urls', clients],
    ['--advertise-client-urls', clients],
    ['--listen-peer-urls', peers],
    ['--initial-advertise-peer-urls', peers],
    ['--initial-cluster', `default=${peers}`],
  ].flat();
}

/**
 * Returns the configuration of a node's Patroni. A primary that does not renew its lock for ten seconds is replaced, by
 * a synchronous standby only; one that crashed is not waited for.
 */
export function patroniOf(node: DatabaseNode, etcdHost: string): object {
  const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(a) - Number(b));
  return {
    scope: 'rolegate',
    name: node.name,
    restapi: { listen: `${node.host}:${node.apiPort}`, connect_address: `${node.host}:${node.apiPort}` },
    etcd3: { host: `${etcdHost}:${PORTS.etcd}` },
    bootstrap: {
      dcs: {
        ttl: 10,
        loop_wait: 2,
        retry_timeout: 3,
        master_start_timeout: 0,
        synchronous_mode: true,
        postgresql: {
          use_pg_rewind: true,
          parameters: { max_connections: 300, wal_log_hints: 'on', synchronous_commit: 'on', shared_buffers: '64MB' },
        },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
    },
    postgresql: {
      listen: `${node.host}:${node.port}`,
      connect_address: `${node.host}:${node.port}`,
      data_dir: node.dataFolder,
      bin_dir: join('/usr/lib/postgresql', versions.at(-1) ?? '', 'bin'),
      pgpass: join(node.folder, 'pgpass'),
      authentication: {
        superuser: { username: 'postgres' },
        replication: { username: 'replicator' },
        rewind: { username: 'postgres' },
      },
      // Nothing but this machine reaches the nodes.
      pg_hba: ['local all all trust', 'host all all all trust', 'host replication all all trust'],
      parameters: { unix_socket_directories: node.folder },
    },
    // No device restarts this machine; a node that hangs finds its lock gone when it goes on.
    watchdog: { mode: 'off' },
  };
}

/** Returns the configuration of HAProxy: in front of the primary, whose change ends the connections, and of the servers. */
export function haproxyOf(nodes: readonly DatabaseNode[], servers: number): string {
  const databases = nodes.map(
    ({ name, host, port, apiPort }) => `  server ${name} ${host}:${port} maxconn 250 check port ${apiPort}`,
  );
  const origins = Array.from({ length: servers }, (_, index) => {
    const port = PORTS.servers + index;
    return `  server server${index + 1} 127.0.0.1:${port} check`;
  });
  return `global
  maxconn 4000

defaults
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  timeout check 1s

listen primary
  mode tcp
  bind 127.0.0.1:${PORTS.primary}
  option httpchk GET /primary
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${databases.join('\n')}

listen rolegate
  mode http
  bind 127.0.0.1:${PORTS.http}
  balance roundrobin
  option forwardfor
  option httpchk GET /readyz
  http-check expect status 200
  option redispatch
  retries 3
  retry-on conn-failure
  default-server inter 1s fall 2 rise 1
${origins.join('\n')}
`;
}

/** Returns the configuration of nginx in front of the servers: `deploy/nginx/rolegate.conf` with the addresses of this cluster. */
export function nginxOf(folder: string, servers: number): string {
  const lines = readFileSync(new URL('../../deploy/nginx/rolegate.conf', import.meta.url), 'utf8')
    .replace('127.0.0.1:4000', `127.0.0.1:${PORTS.nginx}`)
    .split('\n')
    .flatMap((line) => {
      const [, index] = /^ *server 127\.0\.0\.1:400(\d) /.exec(line) ?? [];
      if (index === undefined) {
        return [line];
      }
      return Number(index) > servers ? [] : [line.replace(`400${index}`, String(PORTS.servers + Number(index) - 1))];
    });
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${folder}/${name};`,
  );
  return `daemon off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
${paths.join('\n')}
${lines.map((line) => `  ${line}`).join('\n')}
}
`;
}
