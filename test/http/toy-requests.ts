import type { ToyServer } from '../support/toy-server.ts';

export const JSON_TYPE = { 'content-type': 'application/json' };
export const HELLO = '{ hello }';

export interface ErrorBody {
  data?: unknown;
  errors: { message: string; extensions: Record<string, unknown> }[];
}

export function post(server: ToyServer, payload: string | Buffer, headers: Record<string, string> = JSON_TYPE) {
  return server.http.inject({ method: 'POST', url: '/graphql', headers, payload });
}

export function get(server: ToyServer, url: string, headers: Record<string, string> = {}) {
  return server.http.inject({ method: 'GET', url, headers });
}
