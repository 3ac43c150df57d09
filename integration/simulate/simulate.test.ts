import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { UsageError, helpText, parseCommand } from './command-line.ts'
import { allKnobs } from './knobs.ts'
import { presets } from './presets.ts'

const simulate = (...args: string[]) =>
  spawnSync(
    process.execPath,
    ['--conditions=@reliable-channels/source', fileURLToPath(new URL('main.ts', import.meta.url)), ...args],
    { encoding: 'utf8', timeout: 300_000 },
  )

it('prints a line for each seed and what they came to', () => {
  const { status, stdout } = simulate('--preset', 'clean', '--rounds', '2', '--messages', '2', '--peers', '2')
  const figures = String.raw`\d+ messages, \d+ delivered, 0 lost, \d+ frames, \S+ for each delivered, \S+ bytes for each byte, delay \S+ s / \S+ s / \S+ s`
  expect(stdout).toMatch(
    new RegExp(`^seed 1: ok, ${figures}\nseed 2: ok, ${figures}\n2 well, 0 not; ${figures}\n$`),
  )
  expect(status).toBe(0)
})

it('gives the same as one document', () => {
  const { stdout } = simulate('--preset', 'clean', '--seeds', '3..4', '--messages', '2', '--json')
  const { rounds, totals, values } = JSON.parse(stdout)
  expect(rounds).toMatchObject([
    { seed: 3, violations: [] },
    { seed: 4, violations: [] },
  ])
  expect(totals).toMatchObject({ rounds: 2, bad: 0, messages: 16, delivered: 48, lost: 0 })
  expect(values).toMatchObject({ messages: 2, peers: 4 })
})

it('fails with the command that repeats what went wrong, and with the smallest settings', () => {
  // At this loss not all can be acknowledged in time.
  const { status, stdout } = simulate(
    ...'--seeds 1 --messages 3 --peers 2 --size 100 --minutes 0.1 --duplicate 0 --reorder 0'.split(' '),
    ...['--loss', '0.95', '--shrink'],
  )
  expect(stdout).toMatch(/^seed 1: NOT WELL/)
  const again =
    'npx pnpm@12 simulate --peers 2 --messages 3 --size 100 --minutes 0.1 --loss 0.95 --duplicate 0 --reorder 0 --seeds 1'
  expect(stdout).toContain(`\nagain: ${again}\n`)
  const smallest = /smallest: npx pnpm@12 simulate (.*)\n/.exec(stdout)![1]!
  expect(simulate(...smallest.split(' ')).status).toBe(1)
  expect(status).toBe(1)
})

it('writes the frames of a round to a file, and runs it again from there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulate-'))
  try {
    const file = join(folder, 'frames.jsonl')
    const settings = ['--preset', 'clean', '--loss', '0.2', '--peers', '2', '--messages', '2', '--seeds', '5']
    expect(simulate(...settings, '--trace', file).status).toBe(0)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    const [head, first] = lines.map((line) => JSON.parse(line))
    expect(head).toEqual({ preset: 'clean', own: { peers: 2, messages: 2, loss: 0.2 }, seed: 5 })
    expect(first).toMatchObject({ type: 'sent', says: expect.stringMatching(/^\w+:1 \(\w{6}\)$/) })

    const same = simulate('--replay', file)
    expect(same.stdout).toContain(`the same ${lines.length - 1} lines as in`)
    expect(same.status).toBe(0)

    writeFileSync(file, lines.toSpliced(2, 1).join('\n'))
    const other = simulate('--replay', file)
    expect(other.stdout).toContain('line 3 was\n')
    expect(other.status).toBe(1)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('takes the commands of the guide to tuning', () => {
  const guide = readFileSync(new URL('../../docs/pages/guides/tuning.md', import.meta.url), 'utf8')
  const commands = [...guide.matchAll(/^npx pnpm@12 simulate (.*)$/gm)].map(([, args]) =>
    parseCommand(args!.split(' ')),
  )
  expect(commands).toMatchObject([
    { preset: 'bad-wifi', own: {} },
    { preset: 'bad-wifi', own: { parity: 0.5 } },
    { preset: 'sleepy-laptops', own: { peers: 10, quota: 60 }, json: true },
    'help',
  ])
})

it('says what is wrong with the command line', () => {
  for (const [args, message] of [
    ['--loss 1.5', '--loss takes a number from 0 to 0.95, got "1.5"'],
    ['--rounds x', '--rounds takes an integer from 1 to 1000000, got "x"'],
    ['--seeds 4..2', '--seeds takes a seed or a range such as 1..100, got "4..2"'],
    ['--seeds 1 --rounds 2', '--seeds says it all: leave out --seed and --rounds'],
    ['--preset none', 'no preset "none": see --help'],
    ['--theme none+rain', '--theme does not know "none+rain": see --help'],
    ['--trace a --rounds 2', '--trace takes one seed, as in --seeds 7'],
  ] as const) {
    expect(() => parseCommand(args.split(' '))).toThrow(new UsageError(message))
  }
  expect(() => parseCommand(['--bogus'])).toThrow(UsageError)
  const { status, stderr } = simulate('--replay', '/nowhere')
  expect(stderr).toMatch(/^simulate: cannot read/)
  expect(status).toBe(2)
})

it('explains all options, presets and themes', () => {
  expect(parseCommand(['--help'])).toBe('help')
  const stdout = helpText()
  for (const name of Object.keys(allKnobs)) expect(stdout).toContain(`--${name} `)
  for (const [name, { title }] of Object.entries(presets))
    expect(stdout).toContain(`  ${name.padEnd(16)} ${title}\n`)
})
