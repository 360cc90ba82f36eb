import { ApiError, call, session } from './api.js';
import { action, el } from './dom.js';
import { contractView } from './views/contract.js';
import { homeView } from './views/home.js';
import { loginView } from './views/login.js';
import { paymentView } from './views/payment.js';

const view = document.querySelector('#view');
const who = document.querySelector('#who');
const message = document.querySelector('#message');

/** What a view may do: say something, go somewhere, call the API; a failed call is shown, never swallowed. */
const app = {
  get user() {
    return session.read()?.user;
  },
  say(text, bad = false) {
    message.textContent = text;
    message.classList.toggle('bad', bad);
  },
  go(query) {
    history.pushState(null, '', query === '' ? '/' : `/?${query}`);
    return show();
  },
  async run(work) {
    app.say('');
    try {
      return await work();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401 && session.read()) {
        session.clear();
        app.say('The session has ended. Sign in again.', true);
        await show();
      } else {
        app.say(error.message, true);
      }
      return undefined;
    }
  },
  show: () => show(),
};

function showWho() {
  who.replaceChildren();
  if (!app.user) return;
  const leave = action(
    'Sign out',
    async () => {
      await app.run(() => call('POST', '/v1/auth/logout'));
      session.clear();
      await app.go('');
    },
    { class: 'quiet' },
  );
  who.append(`${app.user.fullName}, ${app.user.role} `, leave);
}

function chosenView() {
  const query = new URLSearchParams(location.search);
  if (!app.user) return loginView(app);
  if (query.has('payment')) return paymentView(app, query.get('payment'));
  if (query.has('contract')) return contractView(app, query.get('contract'));
  return homeView(app);
}

let shown = 0;

async function show() {
  const ticket = ++shown;
  showWho();
  const node = await app.run(chosenView);
  // A slower, earlier view must not replace a later one.
  if (ticket === shown)
    view.replaceChildren(node ?? el('p', { class: 'muted' }, 'Nothing to show.'));
}

addEventListener('popstate', () => void show());
await show();
