import { call, session } from '../api.js';
import { el, field, form } from '../dom.js';

export function loginView(app) {
  const signIn = form({
    title: 'Sign in',
    fields: [
      field(
        'E-mail',
        el('input', { name: 'email', type: 'email', autocomplete: 'username', required: true }),
      ),
      field(
        'Password',
        el('input', {
          name: 'password',
          type: 'password',
          autocomplete: 'current-password',
          required: true,
        }),
      ),
    ],
    submit: 'Sign in',
    onsubmit: (values) =>
      app.run(async () => {
        const { body } = await call('POST', '/v1/auth/login', { body: values });
        session.write({ accessToken: body.accessToken, user: body.user });
        await app.show();
      }),
  });
  const about = el(
    'section',
    { class: 'card' },
    el('h2', {}, 'From an offer to a paid invoice'),
    el(
      'p',
      {},
      'An employee makes an offer, the client accepts it, a contract comes of it, the employee invoices, the client pays at the gateway.',
    ),
    el('p', { class: 'muted' }, 'The demo logins stand in the terminal that started the server.'),
  );
  return el('div', { class: 'grid' }, signIn, about);
}
