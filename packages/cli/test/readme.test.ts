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

/** Times differ from run to run, and how often somebody who is not answered says something again. */
const comparable = (text: string): string =>
  text.replaceAll(/\d+\.\d s/g, '0.0 s').replaceAll(/\d+ messages that/g, 'N messages that')

describe('the README', () => {
  it('has examples', () => expect(runs.length).toBeGreaterThan(1))

  it.each(runs)('says what rc %s prints', async (command, printed) => {
    const host = testHost({}, Date.now)
    await runRc(command.split(' '), host)
    expect(comparable(host.all())).toBe(comparable(printed))
  })
})
