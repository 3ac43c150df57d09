import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { startLocalRegistry } from './local-registry.ts'
import { publishedProblem } from './publish-locally.ts'

const NAME = '@reliable-channels/wire'

it('a registry on this machine has what was put there, and tells what is wrong with it', async () => {
  const registry = await startLocalRegistry()
  const tarball = Buffer.from('a tarball')
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  const put = async (
    manifest: object,
    { access = 'public', tag = 'latest', data = tarball.toString('base64') } = {},
  ): Promise<string | undefined> => {
    const { status } = await fetch(`${registry.url}${encodeURIComponent(NAME)}`, {
      method: 'PUT',
      body: JSON.stringify({
        name: NAME,
        access,
        'dist-tags': { [tag]: '0.1.0' },
        versions: { '0.1.0': { dist: { integrity }, ...manifest } },
        _attachments: { 'wire-0.1.0.tgz': { data } },
      }),
    })
    expect(status).toBe(201)
    return publishedProblem({ manifest: { name: NAME, version: '0.1.0' } }, registry.published)
  }
  try {
    const wanted = { manifest: { name: NAME, version: '0.1.0' } }
    expect((await fetch(registry.url + NAME)).status).toBe(404)
    expect(publishedProblem(wanted, registry.published)).toBe(`${NAME}@0.1.0 was not published`)
    expect(await put({ dependencies: { rxjs: '^7.8.0' } })).toBeUndefined()
    expect(await (await fetch(registry.url + NAME)).json()).toMatchObject({
      'dist-tags': { latest: '0.1.0' },
      versions: { '0.1.0': { dependencies: { rxjs: '^7.8.0' } } },
    })
    expect(await put({}, { access: 'restricted' })).toBe(`${NAME} is not public`)
    expect(await put({}, { tag: 'next' })).toBe(`${NAME} is not the latest`)
    expect(await put({}, { data: 'AAAA' })).toBe(`${NAME} has another tarball than it says`)
    expect(await put({ dependencies: { rxjs: 'catalog:' } })).toBe(`${NAME} depends on "catalog:"`)
  } finally {
    await registry.close()
  }
})
