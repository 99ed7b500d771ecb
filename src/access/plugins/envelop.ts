import type { GraphQLSchema } from 'graphql';
import { policyOf } from '../guard/attached.ts';
import { GUARD_OPTIONS, type GuardOptions, guardSchema } from '../guard/guard-schema.ts';
import { aFunction, checkOptions } from '../options.ts';
import { type AccessViewer, refuseAsync, requireViewer } from '../policy/viewer.ts';
import { visibleSchema } from '../visible/prune.ts';

/** The options of {@link useRolegate}. */
export interface RolegatePluginOptions<
  Context,
  InitialContext,
  Role extends string = string,
  Permission extends string = string,
  PolicyName extends string = string,
> extends GuardOptions<Context, Role, Permission, PolicyName> {
  /**
   * Returns the viewer whose visible schema an operation is validated and executed with, from the context with which the
   * request starts (in GraphQL Yoga: `{ request, params }`). Without it, and while the guard only observes, every
   * viewer sees the whole schema.
   */
  readonly visibleTo?: ((context: InitialContext) => NoInfer<AccessViewer<Role, Permission>>) | undefined;
}

/** A plugin of Envelop, by those of its hooks that it uses. */
export interface RolegatePlugin {
  onSchemaChange(change: { readonly schema: unknown; readonly replaceSchema: (schema: never) => void }): void;
  onEnveloped(request: { readonly context?: unknown; readonly setSchema: (schema: never) => void }): void;
}

const VISIBLE_TO = 'The option visibleTo of useRolegate';

/**
 * A plugin for Envelop and GraphQL Yoga that guards the schema of the server. List it after plugins that transform the
 * schema.
 *
 * @throws PolicyError when the server gets its schema, if the policy cannot be read
 * @throws TypeError if an option is not valid
 */
export function useRolegate<
  Context,
  InitialContext = Context,
  Role extends string = string,
  Permission extends string = string,
  PolicyName extends string = string,
>(options: RolegatePluginOptions<Context, InitialContext, Role, Permission, PolicyName>): RolegatePlugin {
  checkOptions('useRolegate', options, { ...GUARD_OPTIONS, visibleTo: aFunction() });
  const { visibleTo, ...guardOptions } = options;
  refuseAsync(visibleTo, VISIBLE_TO);
  // While the guard observes, every operation is answered as without it.
  const prunes = visibleTo !== undefined && options.enforcement !== 'observe';
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
      if (policy !== null && prunes) {
        const viewer = requireViewer(visibleTo(context as InitialContext), VISIBLE_TO);
        const visible = visibleSchema(policy, { viewer });
        pruned.add(visible);
        setSchema(visible as never);
      }
    },
  };
}
