import { render } from 'preact';
import { App } from './components/app.tsx';
import { connect } from './state/connection.ts';

render(<App />, document.querySelector('#app')!);
connect();
