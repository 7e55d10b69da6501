import { render } from 'preact';
import { App } from './components/app.tsx';
import { connect } from './state/connection.ts';
import './state/round-trip.ts';

const place = document.querySelector('#app')!;
place.replaceChildren();
render(<App />, place);
connect();
