import './styles.ts';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './graphiql.css';
import { createRoot } from 'react-dom/client';
import { Bar } from './bar.tsx';
import { explorer } from './explorer.tsx';

const fetcher = createGraphiQLFetcher({
  url: '/graphql',
  subscriptionUrl: `${location.origin.replace(/^http/, 'ws')}/graphql`,
  fetch: (input: RequestInfo | URL, init?: RequestInit) => fetch(input, { ...init, credentials: 'same-origin' }),
});

const QUERY = `# Signed in with the session of the console (/console), or anonymous without one.
query FirstSteps {
  viewer { signedIn roles permissions }
  documents(first: 3) { totalCount nodes { title authorName } }
}

query Accounts {
  accounts(first: 3) { totalCount nodes { name status iban } }
}

subscription Documents {
  documentChanged { kind id document { title } }
}
`;

const root = document.getElementById('root');
if (root !== null) {
  root.style.height = '100vh';
  document.body.style.margin = '0';
  createRoot(root).render(
    <GraphiQL fetcher={fetcher} defaultQuery={QUERY} plugins={[HISTORY_PLUGIN, explorer]}>
      <GraphiQL.Logo>
        <Bar />
      </GraphiQL.Logo>
    </GraphiQL>,
  );
}
