import type { advance } from '../../src/intents/advance.js';
import type { beginIntent, maySend } from '../../src/intents/begin-intent.js';
import type { Fact } from '../../src/intents/fact.js';
import { hasEnded, type Intent } from '../../src/intents/intent.js';
import { type Row, standingOf } from '../../src/intents/judge-rows.js';
import type { ReconcileRules } from '../../src/intents/reconcile-rules.js';
import { money } from '../../src/money/money.js';
import {
  type Booked,
  cartIdOf,
  type Decision,
  type GatewayTry,
  type Movement,
  type Process,
  references,
  type Step,
  type World,
} from './world.js';

/**
 * What the shop's processes do. The package's own functions, in the order in which the client calls them; a planted fault
 * puts something else in the place of one.
 */
export interface Client {
  readonly rules: ReconcileRules;
  readonly begin: typeof beginIntent;
  readonly advance: typeof advance;
  readonly maySend: typeof maySend;
  /** The intent is stored before the request leaves. */
  readonly storesFirst: boolean;
  /** The store replaces only what was read. */
  readonly compares: boolean;
  /** How often the same reference may be sent. */
  readonly sendings: number;
  /** What a process makes of an answer that did not come. */
  readonly onSilence: Fact['kind'];
  /** What it makes of the gateway's "duplicate". */
  readonly onDuplicate: Fact['kind'];
  /** A notice is believed as it is. */
  readonly believesNotices: boolean;
  /** An end counts as heard before the books have it. */
  readonly acknowledgesFirst: boolean;
  /** The moment an absence is stamped with: when it was asked for, or when it was heard. */
  readonly stampsWhenHeard: boolean;
  /** Whoever finds an intent that was begun sends it. */
  readonly resends: boolean;
}

/** What the gateway, the network and the shopper do at most. */
export interface Setting {
  readonly opensPage: boolean;
  /** Somebody else has used the first reference, with another amount. */
  readonly foreign: boolean;
  /** The bank may be silent at first and decide later. */
  readonly silentBank: boolean;
  /** A payment may be pending at first. */
  readonly deferred: boolean;
  /** What was sent arrives within so many ticks, or never. */
  readonly arrivesWithin: number;
  /** What was done shows within so many ticks. */
  readonly showsWithin: number;
  readonly pageLife: number;
}

const amount = money(100n, 'AED');
const otherAmount = money(999n, 'AED');
const date = (time: number) => new Date(time);

const replaced = <Item>(list: readonly Item[], index: number, item: Item): readonly Item[] =>
  list.map((each, at) => (at === index ? item : each));

const letters: Readonly<Record<Decision, readonly [status: string, code: string]>> = {
  approved: ['A', 'G1'],
  declined: ['D', '316'],
  silent: ['E', '401'],
  waits: ['P', '600'],
};

const rowOf = (movement: Movement, reference: number, index: number): Row => {
  const [status, responseCode] = letters[movement.decision];
  const total = movement.isForeign ? otherAmount : amount;
  return {
    tranRef: `T${reference}${index}`,
    type: 'sale',
    cartId: cartIdOf(reference),
    cartAmount: total,
    total,
    status,
    responseCode,
    time: date(movement.at),
  };
};

const visibleRows = ({ movements }: GatewayTry, reference: number): Row[] =>
  movements.flatMap((movement, index) =>
    movement.isVisible ? [rowOf(movement, reference, index)] : [],
  );

/** What the books make of an end. */
export const bookingOf = ({ state }: Intent): Booked => {
  if (state.name === 'disputed') return 'person';
  return state.name === 'done' && standingOf(state.seen) === 'money' ? 'paid' : 'unpaid';
};

/** All steps that are possible. */
export function stepsOf(world: World, client: Client, setting: Setting): Step[] {
  const steps: Step[] = [];
  world.processes.forEach((process, index) => {
    const put = (name: string, next: Process, more: Partial<World> = {}) =>
      steps.push({
        name: `process ${index + 1} ${name}`,
        world: { ...world, ...more, processes: replaced(world.processes, index, next) },
      });
    ofProcess(process, { world, client, setting, put });
    if (world.crashesLeft > 0 && process.at !== 'idle') {
      put('dies', { at: 'idle' }, { crashesLeft: world.crashesLeft - 1 });
    }
  });
  for (const reference of references) ofGateway(reference, { world, setting, steps });
  tick(world, setting, steps);
  return steps;
}

interface About {
  readonly world: World;
  readonly client: Client;
  readonly setting: Setting;
  readonly put: (name: string, next: Process, more?: Partial<World>) => void;
}

const ofProcess = (process: Process, about: About): void => {
  switch (process.at) {
    case 'idle':
      ofIdle(about);
      break;
    case 'deciding':
      if (about.client.storesFirst) store(process.reference, about);
      else send(process.reference, about);
      break;
    case 'stored':
      send(process.reference, about);
      break;
    case 'waiting':
      ofWaiting(process, about);
      break;
    case 'knowing':
      ofKnowing(process, about);
      break;
    case 'telling':
      tell(process, about);
      break;
    case 'told':
      acknowledge(process, about);
      break;
  }
};

/** The merchant begins a try where there is none, or where the books say that the one before came to nothing. */
function ofIdle({ world, client, put }: About): void {
  for (const reference of references) {
    const intent = world.store[reference];
    const before = reference === 0 ? 'unpaid' : world.books[reference - 1]?.says;
    const isTried = world.processes.some(
      (each) => 'reference' in each && each.reference === reference,
    );
    const isSent = isTried || (world.gateway[reference]?.arriving.length ?? 0) > 0;
    const { movements = [], pageAt } = world.gateway[reference] ?? {};
    const isKnown = intent !== undefined || isSent || pageAt !== undefined;
    const isOurs = movements.some((each) => !each.isForeign);
    if (before === 'unpaid' && !isKnown && !isOurs && world.books[reference] === undefined) {
      put(`begins try ${reference + 1}`, { at: 'deciding', reference });
    }
    if (intent === undefined) continue;
    if (client.resends && intent.state.name === 'begun') {
      put(`sends try ${reference + 1} that it found`, { at: 'stored', reference });
    }
    const isDue = intent.dueAt !== undefined && intent.dueAt.getTime() <= world.time;
    if (!isDue) {
      notice(reference, { world, client, put });
      continue;
    }
    if (hasEnded(intent)) {
      put(`finds that try ${reference + 1} has ended`, { at: 'telling', reference, ended: intent });
    } else {
      ask(reference, { world, put }, 'asks about');
    }
  }
}

type Asking = Pick<About, 'world' | 'put'>;

function ask(
  reference: number,
  { world, put }: Asking,
  how: string,
  more: Partial<World> = {},
): void {
  const tried = world.gateway[reference];
  if (tried === undefined) return;
  const rows = visibleRows(tried, reference);
  const fact: Fact = { kind: 'checked', rows, complete: true, at: date(world.time) };
  put(`${how} try ${reference + 1}`, { at: 'knowing', reference, fact }, more);
}

/** A notice is a reason to ask. */
function notice(reference: number, { world, client, put }: Omit<About, 'setting'>): void {
  if (world.noticesLeft === 0) return;
  const noticesLeft = world.noticesLeft - 1;
  if (!client.believesNotices) {
    ask(reference, { world, put }, 'gets a notice and asks about', { noticesLeft });
    return;
  }
  const claimed = { decision: 'approved', at: world.time, isVisible: true } as const;
  const fact: Fact = {
    kind: 'answered',
    row: rowOf(claimed, reference, 9),
    at: date(world.time),
  };
  put('believes a notice', { at: 'knowing', reference, fact }, { noticesLeft });
}

function store(reference: number, { world, client, setting, put }: About): void {
  if (world.store[reference] !== undefined) {
    put('sees that the reference was used', { at: 'idle' });
    return;
  }
  const intent = client.begin(
    {
      profileId: 1,
      cartId: cartIdOf(reference),
      operation: setting.opensPage ? 'createHostedPage' : 'chargeToken',
      type: 'sale',
      amount,
      ...(setting.opensPage ? { pageLifeMs: setting.pageLife } : {}),
      begunAt: date(world.time),
      sendBefore: date(world.time + 1),
    },
    client.rules,
  );
  const next: Process = client.storesFirst
    ? { at: 'stored', reference }
    : { at: 'waiting', reference, answers: [] };
  put('stores the intent', next, { store: replaced(world.store, reference, intent) });
}

function send(reference: number, about: About): void {
  const { world, client, put } = about;
  const intent = world.store[reference];
  const at = date(world.time);
  if (intent !== undefined && !client.maySend(intent, at)) {
    put('is too late to send', { at: 'knowing', reference, fact: { kind: 'notSent', at } });
    return;
  }
  const tried = world.gateway[reference] as GatewayTry;
  const sent = { ...tried, arriving: [...tried.arriving, world.time] };
  const gateway = replaced(world.gateway, reference, sent);
  put('sends', { at: 'waiting', reference, answers: [] }, { gateway });
  // Refused connections: no byte left.
  put('cannot connect', { at: 'knowing', reference, fact: { kind: 'notSent', at } });
}

function ofWaiting(process: Extract<Process, { at: 'waiting' }>, about: About): void {
  const { world, client, put } = about;
  const { reference } = process;
  const at = date(world.time);
  if (world.store[reference] === undefined && !client.storesFirst) store(reference, about);
  for (const answer of process.answers) {
    const fact = { ...answer, at } as Fact;
    put(`hears "${fact.kind}"`, { at: 'knowing', reference, fact });
    // Should the store be down, the caller has the page before it is stored that there is one.
    if (fact.kind === 'paged') {
      const shown = replaced(world.shown, reference, true);
      put('hears "paged", shows it and dies', { at: 'idle' }, { shown });
    }
  }
  const silence = { kind: client.onSilence, reason: 'noAnswer', at } as Fact;
  put('gives up waiting', { at: 'knowing', reference, fact: silence });
  const tried = world.gateway[reference];
  if (tried !== undefined && client.sendings > 1 && tried.movements.length < 2) {
    const arriving = [...tried.arriving, world.time];
    put('sends again', process, {
      gateway: replaced(world.gateway, reference, { ...tried, arriving }),
    });
  }
}

function ofKnowing(process: Extract<Process, { at: 'knowing' }>, about: About): void {
  const { world, client, put } = about;
  const { reference, read } = process;
  const current = world.store[reference];
  if (current === undefined) {
    put('finds no intent', { at: 'idle' });
    return;
  }
  const { fact } = process;
  const stamped =
    client.stampsWhenHeard && fact.kind === 'checked' ? { ...fact, at: date(world.time) } : fact;
  // A store that compares takes only what was decided from what is there: reading and storing are one step.
  if (!client.compares && read === undefined) {
    put('reads the intent', { ...process, fact: stamped, read: current });
    return;
  }
  const from = read ?? current;
  const next = client.advance(from, stamped, client.rules);
  const isPage = next.state.name === 'pageOpen' && from.state.name !== 'pageOpen';
  const shown = isPage ? { shown: replaced(world.shown, reference, true) } : {};
  const stored = next === from ? {} : { store: replaced(world.store, reference, next) };
  const name = next === from ? 'learns nothing new' : `stores that it is ${next.state.name}`;
  put(name, goesOn(next, reference), { ...stored, ...shown });
}

const goesOn = (intent: Intent, reference: number): Process =>
  hasEnded(intent) && !intent.acknowledged
    ? { at: 'telling', reference, ended: intent }
    : { at: 'idle' };

/** The books keep the revision of what they have, and pass over what is older. */
function booked(world: World, reference: number, ended: Intent): World['books'] {
  const entry = { says: bookingOf(ended), revision: ended.revision };
  const isNews = ended.revision > (world.books[reference]?.revision ?? -1);
  return isNews ? replaced(world.books, reference, entry) : world.books;
}

function tell(process: Extract<Process, { at: 'telling' }>, about: About): void {
  const { world, client, put } = about;
  const { reference, ended } = process;
  const told: Process = { at: 'told', reference, ended };
  const name = `books try ${reference + 1} as ${bookingOf(ended)}`;
  if (!client.acknowledgesFirst) {
    put(name, told, { books: booked(world, reference, ended) });
    return;
  }
  // The fault: it counts as heard before the books have it.
  put('acknowledges', told, { store: acknowledged(world, reference, { client, ended }) });
}

function acknowledge(process: Extract<Process, { at: 'told' }>, about: About): void {
  const { world, client, put } = about;
  const { reference, ended } = process;
  if (client.acknowledgesFirst) {
    put('books it', { at: 'idle' }, { books: booked(world, reference, ended) });
    return;
  }
  put('acknowledges', { at: 'idle' }, { store: acknowledged(world, reference, { client, ended }) });
}

function acknowledged(
  world: World,
  reference: number,
  { client, ended }: { client: Client; ended: Intent },
): World['store'] {
  const current = world.store[reference] as Intent;
  const fact: Fact = { kind: 'acknowledged', state: ended.state, at: date(world.time) };
  return replaced(world.store, reference, client.advance(current, fact, client.rules));
}

function ofGateway(
  reference: number,
  { world, setting, steps }: { world: World; setting: Setting; steps: Step[] },
): void {
  const tried = world.gateway[reference];
  if (tried === undefined) return;
  const put = (name: string, next: GatewayTry, answer?: Fact) => {
    const gateway = replaced(world.gateway, reference, next);
    steps.push({ name: `gateway ${name}`, world: { ...world, gateway } });
    if (answer === undefined) return;
    const index = world.processes.findIndex(
      (each) => each.at === 'waiting' && each.reference === reference && each.answers.length === 0,
    );
    const process = world.processes[index];
    if (process?.at !== 'waiting') return;
    const answered = { ...process, answers: [answer] };
    steps.push({
      name: `gateway ${name} and answers`,
      world: { ...world, gateway, processes: replaced(world.processes, index, answered) },
    });
  };
  const [first, ...arriving] = tried.arriving;
  if (first !== undefined) {
    const now = { ...tried, arriving };
    steps.push({
      name: 'network loses the request',
      world: { ...world, gateway: replaced(world.gateway, reference, now) },
    });
    arrive(reference, { world, setting, tried: now, put });
  }
  tried.movements.forEach((movement, index) => {
    if (!movement.isVisible) {
      const seen = { ...movement, isVisible: true };
      put('shows it', { ...tried, movements: replaced(tried.movements, index, seen) });
    }
    if (!isOpen(movement)) return;
    for (const decision of ['approved', 'declined'] as const) {
      if (world.time >= movement.at + setting.showsWithin) continue;
      const decided = { ...movement, decision };
      put(`hears from the bank: ${decision}`, {
        ...tried,
        movements: replaced(tried.movements, index, decided),
      });
    }
  });
  const { pageAt } = tried;
  const isUsed = tried.movements.some((each) => !each.isForeign);
  if (pageAt === undefined || isUsed || !world.shown[reference]) return;
  if (world.time >= pageAt + setting.pageLife) return;
  for (const decision of decisionsOf(setting, reference)) {
    const movement = { decision, at: world.time, isVisible: false };
    put(`has the shopper’s payment ${decision}`, {
      ...tried,
      movements: [...tried.movements, movement],
    });
  }
}

/** How a second try may fail says nothing that the first did not. */
function decisionsOf({ silentBank, deferred }: Setting, reference: number): Decision[] {
  if (reference > 0) return ['approved'];
  const decisions: Decision[] = ['approved', 'declined'];
  if (silentBank) decisions.push('silent');
  if (deferred) decisions.push('waits');
  return decisions;
}

function arrive(
  reference: number,
  about: {
    world: World;
    setting: Setting;
    tried: GatewayTry;
    put: (name: string, next: GatewayTry, answer?: Fact) => void;
  },
): void {
  const { world, setting, tried, put } = about;
  const at = date(world.time);
  if (setting.opensPage) {
    const paged: Fact = { kind: 'paged', tranRef: `P${reference}`, at };
    put('makes a page', { ...tried, pageAt: world.time }, paged);
    return;
  }
  for (const decision of decisionsOf(setting, reference)) {
    const movement: Movement = { decision, at: world.time, isVisible: false };
    const movements = [...tried.movements, movement];
    const row = rowOf(movement, reference, movements.length - 1);
    put(`has it ${decision}`, { ...tried, movements }, { kind: 'answered', row, at });
  }
  if (reference === 0) {
    put('refuses', tried, { kind: 'refused', code: 'INVALID_REQUEST', at });
  }
  if (tried.movements.length > 0) {
    put('says duplicate', tried, { kind: 'lost', reason: 'duplicate', at });
  }
}

/** To be decided yet. */
const isOpen = ({ decision }: Movement): boolean => decision === 'silent' || decision === 'waits';

/** Time goes on only while what was promised of the network and the gateway is kept. */
function tick(world: World, setting: Setting, steps: Step[]): void {
  const mustDecide = setting.silentBank || setting.deferred;
  const late = world.gateway.some(
    ({ arriving, movements }) =>
      arriving.some((sentAt) => world.time >= sentAt + setting.arrivesWithin) ||
      movements.some(
        (movement) =>
          (!movement.isVisible && world.time >= movement.at + setting.showsWithin) ||
          (mustDecide && isOpen(movement) && world.time + 1 >= movement.at + setting.showsWithin),
      ),
  );
  if (late) return;
  steps.push({ name: 'time goes on', world: { ...world, time: world.time + 1 } });
}
