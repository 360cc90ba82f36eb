import { FOREIGN_SERVERS_REASON, usesForeignServers } from '../../src/foreign-servers.js';

/** Ends the title of a suite that `usesForeignServers` skips; empty when it runs. */
export const whySkipped: string = usesForeignServers ? ` (${FOREIGN_SERVERS_REASON})` : '';
