import { readFileSync } from 'node:fs'
import { inspectFrame } from '@reliable-channels/cli'
import { describe, expect, it } from 'vitest'

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
function read<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')) as T
}

interface SdsFields {
  readonly messageId: unknown
  readonly channelId: unknown
  readonly causalHistory: readonly unknown[]
}
interface SdsFile {
  readonly messages: readonly { name: string; hex: string; fields: SdsFields }[]
  readonly decode?: readonly { name: string; hex: string; ok: boolean }[]
}

describe('inspectFrame on real outputs of the reference implementations', () => {
  const { captures } = read<{
    captures: readonly { payloadHex: string; channelId: string; applicationText: string }[]
  }>('integration/waku/vectors/logos-delivery-captures.json')

  it.each(captures.map((capture, index) => [index, capture] as const))(
    'reads frame %i of logos-delivery down to what was sent',
    (_index, { payloadHex, channelId, applicationText }) => {
      const { layers, isSound } = inspectFrame(bytesOf(payloadHex), {
        channelId,
        now: Date.UTC(2026, 10, 29),
      })
      expect(isSound).toBe(true)
      expect(layers[0]).toMatchObject({ kind: 'sds' })
      expect(layers[0]!.title).toMatch(/^SDS message, dialect nim/)
      // Its sync messages carry nothing.
      const isSync = layers[0]!.title.endsWith('sync')
      expect(layers.length).toBe(isSync ? 1 : 2)
      if (!isSync) expect(layers[1]!.fields[0]).toMatchObject({ name: 'text', value: applicationText })
    },
  )

  const files = ['sds-vectors.json', 'sds-vectors-v04.json'].map(
    (name) => [name, read<SdsFile>(`packages/sds/test/vectors/${name}`)] as const,
  )

  it.each(files)('reads the messages of %s field by field', (_name, { messages }) => {
    expect(messages.length).toBeGreaterThan(0)
    for (const { name, hex, fields } of messages) {
      const [layer] = inspectFrame(bytesOf(hex)).layers
      expect(layer!.kind, name).toBe('sds')
      const shown = (field: string): unknown => layer!.fields.find((one) => one.name === field)?.value ?? ''
      expect(shown('message id'), name).toEqual(fields.messageId)
      expect(shown('channel id'), name).toEqual(fields.channelId)
      const history = layer!.fields.filter((field) => field.name === 'causal history')
      expect(history.length, name).toBe(fields.causalHistory.length)
    }
  })

  it.each(files)(
    'finds an error wherever neither line of nim-sds takes a message of %s',
    (_name, { decode = [] }) => {
      const taken = new Set(
        files
          .flatMap(([, file]) => file.decode ?? [])
          .filter(({ ok }) => ok)
          .map(({ hex }) => hex),
      )
      // What nim-sds refuses for being of the other dialect is a message here.
      const refused = decode.filter(({ name, hex }) => !taken.has(hex) && !name.startsWith('lip-layout'))
      const sound = refused.filter(({ hex }) => inspectFrame(bytesOf(hex)).isSound)
      expect(sound).toEqual([])
    },
  )

  it('finds nothing wrong with segments of nim-segmentation and of LIP-243', () => {
    interface Vectors {
      readonly vectors: readonly { name: string; segments?: readonly { hex?: string }[] }[]
    }
    const { vectors, lipTextVectors } = read<Vectors & { lipTextVectors: Vectors }>(
      'packages/segmentation/test/vectors/segmentation-wire-vectors.json',
    )
    const segments = [...vectors, ...lipTextVectors.vectors].flatMap(({ name, segments: all = [] }) =>
      all.flatMap(({ hex }) => (hex === undefined ? [] : [{ name, hex }])),
    )
    expect(segments.length).toBeGreaterThan(50)
    for (const { name, hex } of segments) {
      const { layers, isSound } = inspectFrame(bytesOf(hex))
      expect([name, layers[0]!.kind, isSound, layers[0]!.flaws]).toEqual([name, 'segment', true, []])
    }
  })
})
