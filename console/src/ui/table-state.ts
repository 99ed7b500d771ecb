import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect } from 'react';
import { useSubscription } from 'urql';
import { useSearchParams } from 'wouter';
import type { Flags } from '../api/strip.ts';
import { useViewer } from '../api/viewer.tsx';
import type { Resource } from '../resource.ts';

/** Rows of a page. */
export const ROWS = 25;

/** The state of a table, all of it in the address, so that a link or a reload shows the same. */
export function useTableState<Row>({ columns, filters = [] }: Resource<Row>) {
  const [params, setParams] = useSearchParams();
  const [field, direction] = (params.get('sort') ?? '').split('-');
  const shown = params.get('columns')?.split(',') ?? columns.filter(({ optional }) => !optional).map(({ id }) => id);

  /** Changes the address; whatever concerns other rows starts from the first page again. */
  function set(changes: Readonly<Record<string, string | null>>, keepsPage = false): void {
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (!keepsPage) {
          next.delete('after');
          next.delete('before');
        }
        for (const [name, value] of Object.entries(changes)) {
          if (value === null || value === '') {
            next.delete(name);
          } else {
            next.set(name, value);
          }
        }
        return next;
      },
      { replace: 'search' in changes },
    );
  }

  return {
    search: params.get('search') ?? '',
    sort: field ? { field, direction: direction === 'DESC' ? 'DESC' : 'ASC' } : null,
    after: params.get('after'),
    before: params.get('before'),
    filters: Object.fromEntries(filters.map(({ name }) => [name, params.get(name) ?? ''])),
    shown,
    set,
  };
}

export type TableState = ReturnType<typeof useTableState>;

/** Returns the variables of the list's operation. */
export function variablesOf<Row>({ filters = [] }: Resource<Row>, state: TableState) {
  const chosen = filters.flatMap(({ name, parse = (value: string): unknown => value }) => {
    const value = state.filters[name] ?? '';
    return value === '' ? [] : [[name, parse(value)] as const];
  });
  const filter = { ...(state.search === '' ? {} : { search: state.search }), ...Object.fromEntries(chosen) };
  return {
    ...(state.before === null ? { first: ROWS, after: state.after } : { last: ROWS, before: state.before }),
    ...(Object.keys(filter).length === 0 ? {} : { filter }),
    ...(state.sort === null ? {} : { orderBy: state.sort }),
  };
}

/** Returns which of a resource's optional fields the viewer may reach. */
export function useFlags<Row>({ flags = {} }: Pick<Resource<Row>, 'flags'>): Flags {
  const { can } = useViewer();
  return Object.fromEntries(Object.entries(flags).map(([name, coordinate]) => [name, can(coordinate)]));
}

/** Calls back when the server announces a change, at most once a second. */
export function useChanges<Row>({ changes }: Resource<Row>, onChange: () => void): void {
  const { can } = useViewer();
  const notify = useDebouncedCallback(onChange, 1_000);
  const isPaused = changes === undefined || !can(changes.coordinate);
  const [{ data }] = useSubscription({
    query: changes?.document ?? 'subscription { none }',
    pause: isPaused,
    variables: {} as never,
  });
  useEffect(() => {
    if (data !== undefined && data !== null) {
      notify();
    }
  }, [data, notify]);
}
