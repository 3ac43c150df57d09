import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { describe, expect, it } from 'vitest'

import { silentLogger } from './silent-logger.ts'

const localStorage = (debug: string | null): object => ({ localStorage: { getItem: () => debug } })

describe('the silent logger', () => {
  it('is there unless somebody debugs', () => {
    expect(silentLogger({})).toBeDefined()
    expect(silentLogger({ process: { env: {} } })).toBeDefined()
    expect(silentLogger({ process: { env: { DEBUG: 'libp2p:*' } } })).toBeUndefined()
    expect(silentLogger(localStorage(null))).toBeDefined()
    expect(silentLogger(localStorage('libp2p:*'))).toBeUndefined()
  })

  it('is there in a page that may store nothing', () => {
    const page = {
      get localStorage(): never {
        throw new Error('denied')
      },
    }
    expect(silentLogger(page)).toBeDefined()
  })

  it('asks for storage in a page, and not in Node.js, which warns of whoever does', () => {
    const asked: string[] = []
    const scope = (versions: object): object => ({
      process: { env: {}, versions },
      localStorage: { getItem: (key: string) => void asked.push(key) },
    })
    expect(silentLogger(scope({ node: '26.10.0' }))).toBeDefined()
    expect(asked).toEqual([])
    expect(silentLogger(scope({}))).toBeDefined()
    expect(asked).toEqual(['debug'])
  })

  it('is one for all components and scopes, and takes whatever libp2p says', () => {
    const logger = silentLogger({})!.forComponent('libp2p')
    expect(logger.newScope('stream')).toBe(logger)
    logger('%s', 'text')
    logger.error('%e', new Error('lost'))
    logger.trace('%o', {})
    expect(logger.enabled).toBe(false)
  })

  it('is a logger for a node of libp2p', async () => {
    const logger = silentLogger({})!
    const node = await createLibp2p({ logger, transports: [tcp()], start: false })
    expect(node.logger.forComponent('libp2p')).toBe(logger.forComponent('mine'))
    await node.stop()
  })
})
