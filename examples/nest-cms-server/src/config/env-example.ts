import { type Variable, variables } from './variables.js';

const HEADER = `# Every variable of the server, with its default. A line that starts with # is optional, or shows an example.
# Secrets here are examples: production refuses them.
`;

/** The text of `.env.example`. */
export function envExample(): string {
  const entries = Object.entries<Variable>(variables).map(([name, variable]) => {
    const { about, allowed, fallback, optional, shown, example = '' } = variable;
    const line = `${name}=${fallback ?? example}`;
    return `# ${about}\n# Allowed: ${allowed}\n${optional && !shown ? `#${line}` : line}\n`;
  });
  return `${HEADER}\n${entries.join('\n')}`;
}
