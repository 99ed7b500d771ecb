import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { ReactNode } from 'react';

/** A connection of the API, as far as a table needs it. */
interface Connection<Row> {
  readonly totalCount: number | null;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly nodes: readonly (Row | null)[] | null;
}

/** A page of a list, under the alias `page`; a list that belongs to an object stands in it, under the alias `parent`. */
export interface Page<Row> {
  readonly page?: Connection<Row> | null;
  readonly parent?: { readonly page?: Connection<Row> | null } | null;
}

/** One object, under the alias `item`. */
export interface Item<Row> {
  readonly item?: Row | null;
}

/** A document with variables that the console fills in by name. */
export type AnyDocument<Result> = TypedDocumentNode<Result, never>;

/** A column of a table, and a line of a detail page. */
export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** The field that it shows: refused, the column shows a lock. */
  readonly coordinate: string;
  readonly cell: (row: Row) => ReactNode;
  /** The value of the list's order by which it sorts, and its coordinate. */
  readonly sort?: { readonly field: string; readonly coordinate: string };
  /** True if it is shown only when it is chosen. */
  readonly optional?: boolean;
}

/** A filter beside the search, with a closed list of values. */
export interface Filter {
  readonly name: string;
  readonly title: string;
  readonly coordinate: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** Returns the value for the API. */
  readonly parse?: (value: string) => unknown;
  /** The control; a list of options unless it is said otherwise. A `link` is set by links only, and can be taken away. */
  readonly kind?: 'text' | 'datetime-local' | 'role' | 'link';
}

/** A field of a form. */
export interface FormField<Row> {
  readonly name: string;
  readonly title: string;
  /** The input field that it fills: refused, it is not there. */
  readonly coordinate: string;
  readonly kind: 'text' | 'email' | 'password' | 'multiline' | 'json' | 'select';
  readonly options?: readonly string[];
  readonly required?: boolean;
  readonly hint?: string;
  readonly read?: (row: Row) => string;
  /** Returns the value for the API; unless it is said otherwise an empty text is null. */
  readonly parse?: (value: string) => unknown;
}

/** A change that a form makes. */
export interface Change<Row> {
  readonly coordinate: string;
  readonly document: AnyDocument<Item<unknown>>;
  readonly fields: readonly FormField<Row>[];
  /** Returns the variables for an object and the form's input; by default `id` and `input`. */
  readonly variables?: (row: Row | null, input: Readonly<Record<string, unknown>>) => object;
}

/** Everything that a table, its detail page and its forms need to know about a kind of object. */
export interface Resource<Row> {
  /** The last part of the address. */
  readonly path: string;
  readonly title: string;
  /** The name of one of them, for buttons. */
  readonly one: string;
  readonly group: 'data' | 'access';
  /** The list's field: refused, the page is not there. */
  readonly coordinate: string;
  readonly list: AnyDocument<Page<Row>>;
  /** The list for viewers to whom `coordinate` is refused, and another field is allowed. */
  readonly otherwise?: { readonly coordinate: string; readonly list: AnyDocument<Page<Row>> };
  readonly detail?: { readonly coordinate: string; readonly document: AnyDocument<Item<Row>> };
  /** The fields that are asked for only if they are allowed, by the name of the variable. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly keyOf: (row: Row) => string;
  readonly nameOf: (row: Row) => string;
  readonly versionOf?: (row: Row) => number | null | undefined;
  readonly columns: readonly Column<Row>[];
  readonly search?: string;
  readonly filters?: readonly Filter[];
  readonly create?: Change<Row> | undefined;
  readonly update?: Change<Row>;
  readonly remove?:
    | {
        readonly coordinate: string;
        readonly document: AnyDocument<Item<unknown>>;
        readonly hint?: string;
      }
    | undefined;
  /** A subscription that says that the list has changed. */
  readonly changes?: { readonly coordinate: string; readonly document: AnyDocument<unknown> };
  /** Renders further parts of the detail page. */
  readonly extra?: ((row: Row, reload: () => void) => ReactNode) | undefined;
  /** Renders further parts above the table; `filter` is the one in use. */
  readonly tools?: (filter: object) => ReactNode;
  /** Further coordinates that `extra` and `tools` ask about. */
  readonly asks?: readonly string[];
}

/** A resource whose kind of row is not known. */
export type AnyResource = Resource<never>;

/** Returns all coordinates that a resource asks about. */
export function coordinatesOf<Row>(resource: Resource<Row>): string[] {
  const { columns, filters = [], create, update, remove, detail, changes, search, flags = {}, asks = [] } = resource;
  const optional = [
    resource.otherwise?.coordinate,
    search,
    create?.coordinate,
    update?.coordinate,
    remove?.coordinate,
    detail?.coordinate,
  ];
  return [
    resource.coordinate,
    ...columns.flatMap(({ coordinate, sort }) => (sort === undefined ? [coordinate] : [coordinate, sort.coordinate])),
    ...filters.map(({ coordinate }) => coordinate),
    ...[...(create?.fields ?? []), ...(update?.fields ?? [])].map(({ coordinate }) => coordinate),
    ...[...optional, changes?.coordinate].filter((coordinate) => coordinate !== undefined),
    ...Object.values(flags),
    ...asks,
  ];
}
