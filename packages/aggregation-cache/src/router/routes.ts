import type { Random } from '@nestcms/circuit-breaker';
import { ReadPreference, type TagSet } from 'mongodb';
import type { AnyPipelineClass } from '../classes/pipeline-class.js';
import type { KnownMember, TopologyView } from './topology-view.js';

/** A way to one member, or to several that the driver cannot tell apart. */
export interface Route {
  /** The addresses, joined: names the breaker. */
  readonly id: string;
  readonly members: readonly KnownMember[];
  readonly role: KnownMember['role'];
  /** Whether a secondary should have answered in its place. */
  readonly isFailover: boolean;
  /** A new instance each time: the driver writes into those that it shares. */
  readonly readPreference: ReadPreference;
}

export interface RoutePlan {
  /** In the order in which they are to be tried. */
  readonly routes: readonly Route[];
  /** What was wanted and is not there, as text. */
  readonly absent: readonly string[];
  /** Whether waiting may help: the last resort itself is not there. */
  readonly worthWaiting: boolean;
}

/** A way to each member that is there, for looking after it. Those that the driver cannot tell apart share one. */
export const everyRoute = (members: readonly KnownMember[]): readonly Route[] => {
  const routes = members.flatMap((member) => {
    if (member.role === 'primary') return [routeToPrimary([member], false)];
    return member.role === 'secondary' ? [routeBy(member.tags, members)] : [];
  });
  return [...new Map(routes.map((route) => [route.id, route])).values()];
};

type Wants = Pick<AnyPipelineClass, 'members' | 'primary'>;
type Topology = Pick<TopologyView, 'members' | 'shape'>;

/** The ways to an answer for a class, as the topology is now. */
export const planRoutes = (wants: Wants, view: Topology, random: Random): RoutePlan => {
  if (view.shape === 'unknown') return { routes: [], absent: ['any member'], worthWaiting: true };
  return view.shape === 'replicaSet'
    ? replicaSetPlan(wants, view.members, random)
    : opaquePlan(wants, view);
};

const replicaSetPlan = (
  wants: Wants,
  members: readonly KnownMember[],
  random: Random,
): RoutePlan => {
  const secondaries = members.filter(({ role }) => role === 'secondary');
  const routes = new Map<string, Route>();
  const absent: string[] = [];
  for (const wanted of wants.members) {
    const found = secondaries.filter(({ tags }) => hasTags(tags, wanted));
    if (found.length === 0) absent.push(JSON.stringify(wanted));
    for (const { tags } of rotated(found, random)) {
      const route = routeBy(tags, secondaries);
      // One that is there already keeps its place.
      routes.set(route.id, route);
    }
  }
  if (wants.primary === 'never') {
    return { routes: [...routes.values()], absent, worthWaiting: routes.size === 0 };
  }
  const primary = members.filter(({ role }) => role === 'primary');
  if (primary.length === 0) absent.push('primary');
  else {
    const route = routeToPrimary(primary, wants.members.length > 0);
    routes.set(route.id, route);
  }
  return { routes: [...routes.values()], absent, worthWaiting: primary.length === 0 };
};

/** Seconds; the server accepts no less. Behind a router nobody else can tell how far a member lags. */
const MAX_STALENESS = { maxStalenessSeconds: 90 } as const;

/** Tags are passed on to the routers of a sharded cluster, which choose; a single server answers as it is. */
const opaquePlan = (wants: Wants, { members }: Topology): RoutePlan => {
  const [first] = members;
  if (first === undefined) return { routes: [], absent: ['any server'], worthWaiting: true };
  const tags = wants.members.map((wanted) => ({ ...wanted }));
  const readPreference =
    first.role === 'router' && tags.length > 0
      ? new ReadPreference(
          wants.primary === 'never' ? 'secondary' : 'secondaryPreferred',
          tags,
          MAX_STALENESS,
        )
      : new ReadPreference('primary');
  return {
    routes: [routeTo(members, first.role, readPreference)],
    absent: [],
    worthWaiting: false,
  };
};

/** Pinned by all its tags, so that a member whose breaker is open can be told from its peers. */
const routeBy = (tags: TagSet, members: readonly KnownMember[]): Route =>
  routeTo(
    members.filter((peer) => peer.role === 'secondary' && hasTags(peer.tags, tags)),
    'secondary',
    new ReadPreference('secondary', [{ ...tags }]),
  );

const routeToPrimary = (primary: readonly KnownMember[], isFailover: boolean): Route =>
  routeTo(primary, 'primary', new ReadPreference('primary'), isFailover);

const routeTo = (
  members: readonly KnownMember[],
  role: Route['role'],
  readPreference: ReadPreference,
  isFailover = false,
): Route => ({
  id: idOf(members),
  members,
  role,
  isFailover,
  readPreference,
});

export const idOf = (members: readonly KnownMember[]): string =>
  members
    .map(({ address }) => address)
    .sort()
    .join('+');

const hasTags = (tags: TagSet, wanted: TagSet): boolean =>
  Object.entries(wanted).every(([name, value]) => tags[name] === value);

/** Members with the same wanted tags share the load by starting at a random one. */
const rotated = <T>(list: readonly T[], random: Random): readonly T[] => {
  if (list.length < 2) return list;
  const start = Math.floor(random() * list.length);
  return [...list.slice(start), ...list.slice(0, start)];
};
