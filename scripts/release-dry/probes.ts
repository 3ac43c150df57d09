import { join } from 'node:path'
import { PROJECT_ROOT, SCOPE } from '../project.ts'

/** What is to be so on every runtime, and no README shows. */
export interface Probe {
  /** Row of the table. */
  readonly row: string
  readonly title: string
  readonly source: string
  readonly needs: readonly string[]
  readonly output: string
}

const source = (name: string): string => join(PROJECT_ROOT, 'integration/release', name)

/** In the order of the table. */
export const PROBES: readonly Probe[] = [
  {
    row: 'keys of passphrases, frames of 0 to 100,000 bytes',
    title: 'probes/passphrase.ts',
    source: source('passphrase.ts'),
    needs: [`${SCOPE}encryption`, 'rxjs'],
    output: '0 true\n1000 true\n100000 true\n',
  },
  {
    row: 'messages of 1,000 to 140,000 bytes over libp2p, and an end',
    title: 'probes/waku.ts',
    source: source('waku.ts'),
    needs: [`${SCOPE}transport-waku`, `${SCOPE}waku-devnet`, '@waku/sdk', 'rxjs'],
    output: '1000 message-sent true\n5000 message-sent true\n140000 message-sent true\nclosed\n',
  },
]
