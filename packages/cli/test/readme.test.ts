import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runRc } from '../src/run-rc.ts'
import { testHost } from './test-host.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** Each `$ rc …` of the README's console blocks, with what it says is printed. */
const runs = [...README.matchAll(/^```console\n(?<block>[^]*?)^```$/gm)]
  .flatMap(({ groups }) => groups!['block']!.split(/^(?=\$ )/m))
  .map((run): [command: string, printed: string] => {
    const end = run.indexOf('\n')
    return [run.slice('$ rc '.length, end), run.slice(end + 1)]
  })

describe('the README', () => {
  it('has examples', () => expect(runs.length).toBeGreaterThan(1))

  it.each(runs)('says what rc %s prints', async (command, printed) => {
    const host = testHost()
    await runRc(command.split(' '), host)
    expect(host.out() + host.errors()).toBe(printed)
  })
})
