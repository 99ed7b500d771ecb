import type { AccessViewer } from 'rolegate/access';

export const articles = [{ title: 'Access', draft: 'Access rules', views: 3 }];

export const notes = [
  { by: '7', text: 'mine' },
  { by: '8', text: 'yours' },
];

export function publish(title: string): (typeof articles)[number] {
  const article = { title, draft: title, views: 0 };
  articles.push(article);
  return article;
}

export async function* published(): AsyncGenerator<(typeof articles)[number]> {
  yield { title: 'New', draft: 'New draft', views: 0 };
}

export interface User {
  readonly id: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
}

/** The part of the context that says who is asking. */
export interface Context {
  readonly user?: User | undefined;
}

/** Returns the viewer of a request. */
export function viewer({ user }: Context): AccessViewer {
  return user ?? { id: null, roles: [], permissions: [] };
}
