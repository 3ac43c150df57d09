import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Archive, type ArchiveQuery, type ArchiveRow } from './archive.ts'

const NOW = 1_000_000

function row(timestampMs: number, name: number, topic = 't', size = 10): ArchiveRow {
  const hashHex = name.toString(16).padStart(4, '0')
  return {
    hashHex,
    hash: new Uint8Array(Buffer.from(hashHex, 'hex')),
    timestamp: BigInt(timestampMs) * 1_000_000n,
    pubsubTopic: 'p',
    contentTopic: topic,
    bytes: new Uint8Array(size),
  }
}

function query(change: Partial<ArchiveQuery> = {}): ArchiveQuery {
  return {
    pubsubTopic: undefined,
    contentTopics: [],
    timeStart: undefined,
    timeEnd: undefined,
    hashes: undefined,
    cursor: undefined,
    forward: true,
    limit: 100,
    ...change,
  }
}

function roomy(change: object = {}): Archive {
  return new Archive({ retentionMs: NOW, maxMessages: 1000, maxBytes: 1_000_000, ...change })
}

const rows = fc.uniqueArray(
  fc.record({ at: fc.integer({ min: 1, max: 8 }), name: fc.nat(999), topic: fc.constantFrom('a', 'b') }),
  { selector: ({ name }) => name, maxLength: 40, size: 'max' },
)

describe('the archive', () => {
  it('pages through everything in order, whatever the page size and the direction', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 7 }), fc.boolean(), (all, limit, forward) => {
        const archive = roomy()
        for (const { at, name, topic } of all) archive.add(row(at, name, topic), NOW)
        const expected = all
          .filter(({ topic }) => topic === 'a')
          .map(({ at, name }) => row(at, name))
          .sort((a, b) => Number(a.timestamp - b.timestamp) || (a.hashHex < b.hashHex ? -1 : 1))
          .map(({ hashHex }) => hashHex)
        const pages: string[][] = []
        let cursor: string | undefined
        do {
          const page = archive.query(query({ contentTopics: ['a'], cursor, forward, limit }), NOW)
          pages.push(page?.rows.map(({ hashHex }) => hashHex) ?? [])
          cursor = page?.cursor?.hashHex
        } while (cursor !== undefined)
        expect((forward ? pages : pages.toReversed()).flat()).toEqual(expected)
        expect(pages.every((page) => page.length <= limit)).toBe(true)
      }),
    )
  })

  it('forgets what is older than the retention', () => {
    const archive = roomy({ retentionMs: 1000 })
    expect(archive.add(row(NOW - 1001, 1), NOW)).toBe(false)
    expect(archive.add(row(NOW - 999, 2), NOW)).toBe(true)
    expect(archive.query(query(), NOW)?.rows).toHaveLength(1)
    expect(archive.query(query(), NOW + 2)?.rows).toHaveLength(0)
    expect(archive.query(query({ cursor: '0002' }), NOW + 2)).toBeUndefined()
  })

  it('keeps the newest within its limits of messages and bytes', () => {
    const few = roomy({ maxMessages: 3 })
    for (let at = 1; at <= 5; at++) few.add(row(at, at), NOW)
    expect(few.rows().map(({ hashHex }) => hashHex)).toEqual(['0003', '0004', '0005'])
    const small = roomy({ maxBytes: 35 })
    for (let at = 1; at <= 5; at++) small.add(row(at, at), NOW)
    expect(small.size).toBe(3)
    expect(small.add(row(9, 9, 't', 36), NOW)).toBe(false)
    expect(small.size).toBe(0)
  })

  it('takes a message once', () => {
    const archive = roomy()
    expect(archive.add(row(1, 1), NOW)).toBe(true)
    expect(archive.add(row(1, 1), NOW)).toBe(false)
    expect(archive.size).toBe(1)
  })
})
