import type { Ask, Answer } from './guarded.ts';

/** A client of something that answers requests as `fetch` does. */
export function askBy(fetch: (url: string, init: RequestInit) => Response | Promise<Response>): Ask {
  return async (query, user) => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(user ? { 'x-user': user } : {}),
    };
    const response = await fetch('http://test/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) });
    return (await response.json()) as Answer;
  };
}

/** A client of a server that listens. */
export function askAt(url: string): Ask {
  return async (query, user) => {
    const headers = { 'content-type': 'application/json', ...(user ? { 'x-user': user } : {}) };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return (await response.json()) as Answer;
  };
}
