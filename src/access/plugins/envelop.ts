import type { GraphQLSchema } from 'graphql';
import { policyOf } from '../guard/attached.ts';
import { type GuardOptions, guardSchema } from '../guard/guard-schema.ts';
import type { AccessViewer } from '../policy/viewer.ts';
import { visibleSchema } from '../visible/prune.ts';

/** The options of {@link useRolegate}. */
export interface RolegatePluginOptions<
  Context,
  InitialContext,
  Role extends string = string,
  Permission extends string = string,
> extends GuardOptions<Context, Role, Permission> {
  /**
   * Returns the viewer whose visible schema an operation is validated and executed with, from the context with which the
   * request starts (in GraphQL Yoga: `{ request, params }`). Without it every viewer sees the whole schema.
   */
  readonly visibleTo?: ((context: InitialContext) => AccessViewer<Role, Permission>) | undefined;
}

/** A plugin of Envelop, by those of its hooks that it uses. */
export interface RolegatePlugin {
  onSchemaChange(change: { readonly schema: unknown; readonly replaceSchema: (schema: never) => void }): void;
  onEnveloped(request: { readonly context?: unknown; readonly setSchema: (schema: never) => void }): void;
}

/**
 * A plugin for Envelop and GraphQL Yoga that guards the schema of the server. List it after plugins that transform the
 * schema.
 *
 * @throws PolicyError when the server gets its schema, if the policy cannot be read
 * @throws TypeError if an option is not what it should be
 */
export function useRolegate<
  Context,
  InitialContext = Context,
  Role extends string = string,
  Permission extends string = string,
>(options: RolegatePluginOptions<Context, InitialContext, Role, Permission>): RolegatePlugin {
  const { visibleTo, ...guardOptions } = options;
  if (visibleTo !== undefined && typeof visibleTo !== 'function') {
    throw new TypeError('The option visibleTo of useRolegate must be a function');
  }
  let guarded: GraphQLSchema | null = null;
  const pruned = new WeakSet<object>();
  return {
    onSchemaChange({ schema, replaceSchema }) {
      const given = schema as GraphQLSchema;
      if (pruned.has(given)) {
        return; // Envelop also reports the schema that this plugin set for a request.
      }
      guarded = policyOf(given) === null ? guardSchema(given, guardOptions) : given;
      if (guarded !== given) {
        replaceSchema(guarded as never);
      }
    },
    onEnveloped({ context, setSchema }) {
      const policy = guarded && policyOf(guarded);
      if (policy !== null && visibleTo !== undefined) {
        const visible = visibleSchema(policy, { viewer: visibleTo(context as InitialContext) });
        pruned.add(visible);
        setSchema(visible as never);
      }
    },
  };
}
