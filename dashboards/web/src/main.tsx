// Entry of the pages.

import { render } from 'preact';
import { App } from './app.tsx';
import './styles/base.css';
import './styles/parts.css';
import './styles/shell.css';
import './styles/pages.css';
import { startSession } from './state/session.ts';
import { applyTheme } from './state/theme.ts';

applyTheme();
void startSession();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
