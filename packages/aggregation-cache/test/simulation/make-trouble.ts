import type { Action } from './plan.js';
import type { World } from './world/world.js';

export type Trouble = Exclude<Action, { readonly kind: 'read' | 'write' | 'invalidate' }>;

type Makers = {
  readonly [K in Trouble['kind']]: (
    world: World,
    trouble: Extract<Trouble, { readonly kind: K }>,
  ) => void;
};

const MAKERS: Makers = {
  pause: ({ processes }, { process, ms }) => processes[process]?.host.pause(ms),
  restart: (world, { process }) => world.restart(process),
  cutRedis: ({ processes }, { process, ms }) => processes[process]?.link.cut(ms),
  cutMessages: ({ processes }, { process, ms }) => processes[process]?.link.cutMessages(ms),
  cutMember: (world, { process, member, ms }) => world.cutMember(process, member, ms),
  lag: ({ set }, { member, lagMs, ms }) => set.lag(member, lagMs, ms),
  crash: ({ set }, { member, ms }) => set.crash(member, ms),
  stepDown: ({ set }) => set.stepDown(),
  freezeRedis: (world, { ms }) => world.freezeRedis(ms),
  restartRedis: (world, { data, ms }) => world.restartRedis(data, ms),
  wipeRedis: ({ network }) => network.server.wipe(),
  evictValue: ({ network, random }) => network.server.evictValue((keys) => random.pick(keys)),
  evictGeneration: ({ network, random }) =>
    network.server.evictGeneration((names) => random.pick(names)),
  lose: (world, { rate, ms }) => world.loseMessages(rate, ms),
};

export const makeTrouble = (world: World, trouble: Trouble): void => {
  const make = MAKERS[trouble.kind] as (world: World, trouble: Trouble) => void;
  make(world, trouble);
};

export const troubleInWords = ({ kind, ...rest }: Trouble): string => {
  const details = Object.entries(rest).map(([name, value]) => {
    const short = typeof value === 'number' ? Math.round(value * 100) / 100 : value;
    return `${name}=${short}`;
  });
  return [kind, ...details].join(' ');
};
