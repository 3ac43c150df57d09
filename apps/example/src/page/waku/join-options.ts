/** Who joins which channel on which network. */
export interface JoinOptions {
  readonly name: string
  readonly channelId: string
  /** Multiaddrs of service nodes. */
  readonly addresses: readonly string[]
  readonly clusterId: number
  readonly shards: number
  /** Empty for none: then nothing is sealed. */
  readonly passphrase: string
}

/** What the form begins with: what the address of the page names, and a name that nobody else has. */
export function joinDefaults(search: string, random: () => number): JoinOptions {
  const query = new URLSearchParams(search)
  const addresses = query.getAll('node')
  return {
    name: query.get('name') ?? `visitor-${Math.floor(random() * 46_656).toString(36)}`,
    channelId: query.get('channel') ?? 'hike',
    addresses: addresses.length > 0 ? addresses : DEVNET.addresses,
    clusterId: numberOf(query.get('cluster'), DEVNET.clusterId),
    shards: numberOf(query.get('shards'), DEVNET.shards),
    passphrase: '',
  }
}

/** The query that brings the form back. Secrets stay out of it. */
export function joinQuery({ name, channelId, addresses, clusterId, shards }: JoinOptions): string {
  const query = new URLSearchParams({ network: 'waku', name, channel: channelId })
  for (const address of addresses) query.append('node', address)
  if (clusterId !== DEVNET.clusterId) query.set('cluster', String(clusterId))
  if (shards !== DEVNET.shards) query.set('shards', String(shards))
  return `?${query.toString()}`
}

/** The addresses that somebody typed or pasted, one after the other; a quote or comma between them does no harm. */
export function addressesIn(text: string): readonly string[] {
  return text.split(/[\s,"'`]+/).filter((part) => part !== '')
}

/** What is wrong with an address, in words that say what to do; `undefined` if nothing is. */
export function addressProblem(addresses: readonly string[], isSecurePage: boolean): string | undefined {
  if (addresses.length === 0) return 'Give the address of a service node: the devnet prints some.'
  const wrong = addresses.find((address) => !/^\/.+\/p2p\/[^/]+$/.test(address))
  if (wrong !== undefined)
    return `${wrong} is no address of a service node: it begins with a slash, and ends in /p2p/ and the node's id.`
  const deaf = addresses.find((address) => !/\/(ws|wss)\//.test(address))
  if (deaf !== undefined)
    return `${deaf} is not for browsers: take the address with /ws/ in it, which the devnet prints too.`
  const local = addresses.find((address) => isSecurePage && !isSecure(address))
  return local === undefined
    ? undefined
    : `A page from https reaches only addresses with /wss/ or /tls/, and not ${local}.`
}

const isSecure = (address: string): boolean =>
  /\/(wss|tls)\//.test(address) || /127\.0\.0\.1|localhost/.test(address)

/** Of `npx pnpm@12 devnet` and `rc devnet`, which are the same ones each time. */
export const DEVNET = {
  addresses: [
    '/ip4/127.0.0.1/tcp/61000/ws/p2p/16Uiu2HAmSMCkqs21G2dSMQFUMtZofH2YpPcndyfCvgzdSgnqxiAz',
    '/ip4/127.0.0.1/tcp/61002/ws/p2p/16Uiu2HAkxK2vLFih2C1VaWZDkLSLG1Duj8bgW6sjDSxCFYKeVFcA',
    '/ip4/127.0.0.1/tcp/61004/ws/p2p/16Uiu2HAm89r5Ze7qzgySK2Cd8BNKYRMLh2FnYceXmdqKquGh7wBH',
  ],
  clusterId: 66,
  shards: 8,
} as const

function numberOf(text: string | null, otherwise: number): number {
  const number = Number(text ?? Number.NaN)
  return Number.isSafeInteger(number) && number >= 0 ? number : otherwise
}
