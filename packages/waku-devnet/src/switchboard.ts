import { faultSettings } from './cli-options.ts'
import type { Devnet } from './devnet.ts'
import type { DevnetNode } from './node.ts'

/** Commands that can be typed while a devnet runs. */
export const COMMANDS = `status                         what each node holds and has done
set N FAULT=VALUE ...          switch faults: drop=0.3 delay=200 refuse=0.1 skew=-300000 silent=on
clear N                        switch every fault off
forget N [PEER]                forget the filter subscriptions of all peers, or of one
stop N, start N, restart N     N is the number of a node, or all
help                           this text
quit`

/** Carries out one line of input and gives the answer; throws an error whose message is one line. */
export async function carryOut(line: string, devnet: Devnet): Promise<string> {
  const [verb = '', which = '', ...rest] = line.trim().split(/\s+/)
  if (verb === '' || verb === 'help') return verb === '' ? '' : COMMANDS
  if (verb === 'status') return devnet.nodes.map(status).join('\n')
  const act = ACTIONS.get(verb)
  if (act === undefined) throw new Error(`there is no command ${verb}; type help`)
  for (const node of pick(devnet, which)) await act(node, rest)
  return 'ok'
}

type Action = (node: DevnetNode, rest: readonly string[]) => Promise<void> | void

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['set', (node, rest) => node.faults.set(faultSettings(Object.fromEntries(rest.map(pair))))],
  ['clear', (node) => node.faults.clear()],
  ['forget', (node, [peer]) => node.faults.forgetSubscriptions(peer)],
  ['stop', (node) => node.stop()],
  ['start', (node) => node.start()],
  ['restart', (node) => node.restart()],
])

function pair(text: string): [string, string] {
  const [name = '', value = ''] = text.split('=')
  return [name, value]
}

function pick(devnet: Devnet, which: string): readonly DevnetNode[] {
  if (which === 'all') return devnet.nodes
  const node = /^\d+$/.test(which) ? devnet.nodes[Number(which)] : undefined
  if (node === undefined) {
    throw new Error(`expected the number of a node, 0 to ${devnet.nodes.length - 1}, or all, got "${which}"`)
  }
  return [node]
}

function status(node: DevnetNode): string {
  const { connections, subscribers, stored, messages, pushed, unpushed } = node.stats()
  const faults = Object.entries(node.faults.settings).filter(([, value]) => value !== 0 && value !== false)
  return [
    `node ${node.index}: ${node.running ? 'running' : 'stopped'}`,
    `${connections} connections`,
    `${subscribers} subscribers`,
    `${messages} messages`,
    `${stored} stored`,
    `${pushed} pushed`,
    `${unpushed} not pushed`,
    ...faults.map(([name, value]) => `${name}=${String(value)}`),
  ].join(', ')
}
