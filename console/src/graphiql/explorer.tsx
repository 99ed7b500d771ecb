import { type GraphiQLPlugin, useGraphiQL } from '@graphiql/react';
import {
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isLeafType,
  isRequiredArgument,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  print,
  type SelectionSetNode,
} from 'graphql';
import { useEffect, useMemo, useState } from 'react';
import { text } from '../text.ts';
import {
  argumentText,
  changeOperation,
  type Offer,
  offersOf,
  operationsIn,
  type Path,
  selectedIn,
  selectionOf,
  withArgument,
} from './selections.ts';

const words = text.graphiql;

/** Changes the operation at hand. */
type Change = (path: Path, ...rest: [Parameters<typeof changeOperation>[2]]) => void;

interface ArgumentProps {
  readonly argument: GraphQLArgument;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** An argument as GraphQL writes it. It is taken over when the field is left, so that half a value is none. */
function Argument({ argument, value, onChange }: ArgumentProps) {
  const { name, type } = argument;
  return (
    <label className="argument">
      <span>
        {name}
        {isRequiredArgument(argument) && ' *'} <span className="type">{String(type)}</span>
      </span>
      <input
        key={value}
        defaultValue={value}
        spellCheck={false}
        onBlur={({ currentTarget }) => currentTarget.value !== value && onChange(currentTarget.value)}
        onKeyDown={({ key, currentTarget }) => key === 'Enter' && currentTarget.blur()}
      />
    </label>
  );
}

interface SelectionsProps {
  readonly schema: GraphQLSchema;
  readonly type: GraphQLNamedType;
  readonly set: SelectionSetNode | undefined;
  readonly path: Path;
  readonly onChange: Change;
}

/** The fields of a type, of which those that are chosen show their arguments and their own fields. */
function Selections({ schema, type, set, path, onChange }: SelectionsProps) {
  return (
    <ul>
      {offersOf(schema, type).map((offer) => (
        <Selection key={offer.step} offer={offer} schema={schema} set={set} path={path} onChange={onChange} />
      ))}
    </ul>
  );
}

function Selection({ offer, schema, set, path, onChange }: Omit<SelectionsProps, 'type'> & { readonly offer: Offer }) {
  const selected = selectedIn(set, offer.step);
  const here = [...path, offer.step];
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={selected !== undefined}
          onChange={() => onChange(here, (old) => (old === undefined ? selectionOf(schema, offer) : null))}
        />{' '}
        {offer.step} <span className="type">{offer.written}</span>
      </label>
      {selected !== undefined &&
        offer.args.map((argument) => (
          <Argument
            key={argument.name}
            argument={argument}
            value={argumentText(selected, argument.name)}
            onChange={(value) =>
              onChange(here, (old) => (old?.kind === Kind.FIELD ? withArgument(old, argument, value) : (old ?? null)))
            }
          />
        ))}
      {selected !== undefined && !isLeafType(offer.type) && (
        <Selections schema={schema} type={offer.type} set={selected.selectionSet} path={here} onChange={onChange} />
      )}
    </li>
  );
}

/** The text of the editor, which others change as well. */
function useSource() {
  const editor = useGraphiQL(({ queryEditor }) => queryEditor);
  const [source, setSource] = useState('');
  useEffect(() => {
    if (editor === undefined) {
      return undefined;
    }
    const read = (): void => setSource(editor.getValue());
    read();
    const listeners = [editor.onDidChangeModelContent(read), editor.onDidChangeModel(read)];
    return () => listeners.forEach((listener) => listener.dispose());
  }, [editor]);
  return { source, write: (next: string) => editor?.setValue(next) };
}

const titleOf = ({ operation, name }: OperationDefinitionNode): string => `${operation} ${name?.value ?? ''}`.trim();

/** Builds an operation from the schema that the viewer is shown: what is ticked is in the editor, and the other way round. */
function Explorer() {
  const schema = useGraphiQL((state) => state.schema);
  const { source, write } = useSource();
  const operations = useMemo(() => operationsIn(source), [source]);
  const [chosen, setChosen] = useState(0);
  if (!schema) {
    return <p>{text.states.loading}</p>;
  }
  const operation = operations?.[chosen] ?? operations?.[0];
  const root = operation && schema.getRootType(operation.operation);

  const change: Change = (path, change) => {
    if (operation?.loc !== undefined) {
      const { start, end } = operation.loc;
      write(source.slice(0, start) + print(changeOperation(operation, path, change)) + source.slice(end));
    }
  };

  return (
    <div className="explorer">
      <h2 className="graphiql-doc-explorer-title">{words.explorer}</h2>
      {operations === null && <p role="status">{words.unreadable}</p>}
      {operations !== null && (
        <div className="choices">
          {operations.length > 0 && (
            <select
              aria-label={words.operation}
              value={Math.min(chosen, operations.length - 1)}
              onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}
            >
              {operations.map((one, index) => (
                <option key={one.loc?.start} value={index}>
                  {titleOf(one)}
                </option>
              ))}
            </select>
          )}
          <select
            aria-label={words.add}
            value=""
            onChange={({ currentTarget }) => {
              write(`${source.trimEnd()}\n\n${currentTarget.value} New${operations.length + 1} {\n  __typename\n}\n`);
              setChosen(operations.length);
            }}
          >
            <option value="">{words.add}</option>
            {Object.values(OperationTypeNode)
              .filter((kind) => schema.getRootType(kind))
              .map((kind) => (
                <option key={kind}>{kind}</option>
              ))}
          </select>
        </div>
      )}
      {operation && root && (
        <Selections schema={schema} type={root} set={operation.selectionSet} path={[]} onChange={change} />
      )}
    </div>
  );
}

function ExplorerIcon() {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
      <path d="M4 5h4v4H4zM4 15h4v4H4zM12 7h8M12 17h8M6 9v6" />
    </svg>
  );
}

export const explorer: GraphiQLPlugin = { title: words.explorer, icon: ExplorerIcon, content: Explorer };
