import { createTheme, MantineProvider } from '@mantine/core';
import '@mantine/core/styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ViewerProvider } from './api/viewer.tsx';
import { App } from './app.tsx';
import { nonce } from './nonce.ts';
import { coordinates } from './routes.ts';
import './style.css';
import { Failed, Loading } from './ui/states.tsx';

const theme = createTheme({ primaryShade: { light: 8, dark: 8 }, autoContrast: true, respectReducedMotion: true });

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <ViewerProvider
          coordinates={coordinates}
          loading={<Loading height={600} />}
          failed={(message, retry) => <Failed message={message} retry={retry} />}
        >
          <App />
        </ViewerProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
