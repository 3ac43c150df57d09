import { accessSync, constants, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, parseDocument } from 'yaml'
import { PROJECT_ROOT, publishedPackages, readManifest } from './project.ts'

/** What each action takes at the commit that it is pinned to, from its `action.yml`. A newer commit: look again. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1': [
    'persist-credentials',
    'fetch-depth',
  ],
  'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0': ['node-version'],
  'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0': [
    'name',
    'path',
    'if-no-files-found',
  ],
  // Version 1 cannot read what version 3 of changesets says it published: no tag, no release notes.
  'changesets/action/version@8488615a623b1b9c987934bb89eae8af6a946ac1 # v2.1.1': [
    'script',
    'pr-title',
    'commit-message',
  ],
  'changesets/action/publish@8488615a623b1b9c987934bb89eae8af6a946ac1 # v2.1.1': ['script'],
}

/** Commands of pnpm itself that workflows call. */
const OF_PNPM = ['install']

interface Step {
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

interface Job {
  readonly needs?: string | readonly string[]
  readonly if?: string
  readonly 'runs-on': string
  readonly 'timeout-minutes': number
  readonly environment?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly outputs?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const { scripts } = readManifest(PROJECT_ROOT) as unknown as { scripts: Record<string, string> }
const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8')
const workflows = globSync('.github/workflows/*.yml', { cwd: PROJECT_ROOT })
  .sort()
  .map((path) => ({ path, text: read(path), workflow: parse(read(path)) as Workflow }))
const jobs = workflows.flatMap(({ path, text, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ at: `${path}: ${name}`, text, workflow, job })),
)
const steps = jobs.flatMap(({ at, job }) => job.steps.map((step) => ({ at, step })))

/** What a step runs in a shell: its own lines, or those that an action is given. */
const commandOf = ({ run, with: given }: Step): string => run ?? String(given?.['script'] ?? '')

/** The jobs that a job waits for. */
const neededBy = ({ needs = [] }: Job): readonly string[] => (typeof needs === 'string' ? [needs] : needs)

describe('the workflows', () => {
  it('are two, in YAML that says nothing twice', () => {
    expect(workflows.map(({ path }) => path)).toEqual([
      '.github/workflows/check.yml',
      '.github/workflows/publish.yml',
    ])
    for (const path of globSync(['.github/**/*.yml'], { cwd: PROJECT_ROOT })) {
      const { errors, warnings } = parseDocument(read(path))
      expect([...errors, ...warnings], path).toEqual([])
    }
  })

  it('name the system, a limit and the steps of each job', () => {
    expect(jobs.length).toBeGreaterThan(4)
    for (const { at, job } of jobs) {
      expect(job['runs-on'], at).toBe('ubuntu-latest')
      expect(job['timeout-minutes'], at).toBeGreaterThan(0)
      for (const step of job.steps) expect([step.uses, step.run].filter(Boolean), at).toHaveLength(1)
    }
  })

  it('run actions at a commit, and give them what they take there', () => {
    const seen = new Set<string>()
    for (const { text } of workflows) for (const [, used = ''] of text.matchAll(/uses: (.*)/g)) seen.add(used)
    expect([...seen].sort()).toEqual(Object.keys(ACTIONS).sort())
    for (const used of seen) expect(used).toMatch(/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    for (const { at, step } of steps) {
      if (step.uses === undefined) continue
      const known = Object.entries(ACTIONS).find(([used]) => used.startsWith(`${step.uses} `))![1]
      expect(
        Object.keys(step.with ?? {}).filter((name) => !known.includes(name)),
        `${at}: ${step.uses}`,
      ).toEqual([])
    }
  })

  it('run commands that the project has', () => {
    const commands = steps.flatMap(({ step }) => [...commandOf(step).matchAll(/pnpm@12 ([\w:-]+)/g)])
    expect(commands.length).toBeGreaterThan(4)
    expect(
      commands.map(([, name]) => name!).filter((name) => !(name in scripts) && !OF_PNPM.includes(name)),
    ).toEqual([])
    const files = steps.flatMap(({ step }) => [...commandOf(step).matchAll(/^\.\S+/gm)].map(String))
    expect(files).toContain('.ci/run')
    for (const file of files)
      expect(() => accessSync(join(PROJECT_ROOT, file), constants.X_OK), file).not.toThrow()
  })

  it('ask with the major version of pnpm that package.json names', () => {
    const { devEngines } = readManifest(PROJECT_ROOT) as unknown as {
      devEngines: { packageManager: { version: string } }
    }
    const [, major] = /^\^(\d+)\./.exec(devEngines.packageManager.version)!
    for (const { path, text } of workflows)
      for (const [, used] of text.matchAll(/pnpm@(\d+)/g)) expect(used, path).toBe(major)
  })

  it('refer to jobs, steps and outputs that there are', () => {
    for (const { at, job, workflow } of jobs) {
      for (const need of neededBy(job)) expect(Object.keys(workflow.jobs), at).toContain(need)
      const text = JSON.stringify(job)
      for (const [, need = '', output = ''] of text.matchAll(/needs\.(\w+)\.outputs\.(\w+)/g)) {
        expect(neededBy(job), at).toContain(need)
        expect(Object.keys(workflow.jobs[need]!.outputs ?? {}), at).toContain(output)
      }
      for (const [, id, output] of text.matchAll(/steps\.(\w+)\.outputs\.(\w+)/g)) {
        const step = job.steps.find((one) => one.id === id)
        expect(step?.run, at).toContain(`${output}=`)
        expect(step?.run, at).toContain('>> "$GITHUB_OUTPUT"')
      }
      for (const [, context] of text.matchAll(/\$\{\{ (\w+)\./g))
        expect(['github', 'needs', 'steps', 'secrets'], at).toContain(context)
    }
  })

  it('give no job more rights than it uses, and keep no credentials beside the sources', () => {
    for (const { at, job, workflow } of jobs) {
      const rights = job.permissions ?? workflow.permissions
      const isPublishing = at.endsWith(': publish')
      expect(rights, at).toEqual(
        isPublishing
          ? { contents: 'write', 'id-token': 'write' }
          : at.endsWith(': version')
            ? { contents: 'write', 'pull-requests': 'write' }
            : { contents: 'read' },
      )
      const text = JSON.stringify(job)
      expect(text.includes('secrets.'), at).toBe(isPublishing)
      expect(job.environment, at).toBe(isPublishing ? 'npm' : undefined)
      for (const step of job.steps)
        if (step.uses?.startsWith('actions/checkout@'))
          expect(step.with?.['persist-credentials'], at).toBe(false)
    }
  })

  it('have nothing of a pull request in a shell', () => {
    for (const { at, step } of steps) expect(commandOf(step), at).not.toContain('${{')
    for (const { path, workflow } of workflows)
      expect(Object.keys(workflow.on), path).not.toContain('pull_request_target')
  })
})

describe('what is published', () => {
  const { workflow } = workflows.find(({ path }) => path.endsWith('publish.yml'))!

  it('comes from one place, after all gates have passed there', () => {
    expect(workflow.on).toEqual({ push: { branches: ['main'] } })
    expect(workflow.permissions).toEqual({})
    expect(neededBy(workflow.jobs['publish']!)).toEqual(['mode', 'check'])
    for (const name of ['check', 'version'])
      expect(workflow.jobs[name]!.if).toMatch(/needs\.mode\.outputs\.mode == '(publish|version)'/)
    const publishing = steps.filter(({ step }) => commandOf(step).includes('release:publish'))
    expect(publishing.map(({ at }) => at)).toEqual(['.github/workflows/publish.yml: publish'])
  })

  it('has provenance, which is asked for in the words that pnpm hears', () => {
    const step = workflow.jobs['publish']!.steps.find((one) => commandOf(one).includes('release:publish'))!
    expect(step.env).toEqual({ PNPM_CONFIG_PROVENANCE: 'true' })
  })

  it('says where it comes from, which the registry compares with the provenance', () => {
    const [, repository] = /github\.repository == '(.*)'/.exec(workflow.jobs['mode']!.if!)!
    for (const { folder, manifest } of publishedPackages(PROJECT_ROOT)) {
      expect(manifest, folder).toMatchObject({
        repository: { type: 'git', url: `git+https://github.com/${repository}.git`, directory: folder },
        publishConfig: { access: 'public' },
      })
    }
  })
})

describe('the templates of issues', () => {
  it('have what GitHub wants of them', () => {
    for (const path of globSync('.github/ISSUE_TEMPLATE/*.yml', { cwd: PROJECT_ROOT })) {
      if (path.endsWith('config.yml')) continue
      const form = parse(read(path)) as {
        name: string
        description: string
        body: { type: string; id?: string; attributes: { label?: string; value?: string } }[]
      }
      expect([form.name, form.description].every(Boolean), path).toBe(true)
      const fields = form.body.filter(({ type }) => type !== 'markdown')
      expect(new Set(fields.map(({ id }) => id)).size, path).toBe(fields.length)
      for (const { type, id, attributes } of form.body) {
        expect(['markdown', 'textarea', 'input', 'dropdown', 'checkboxes'], path).toContain(type)
        if (type === 'markdown') expect(attributes.value, path).toBeTruthy()
        else expect([id, attributes.label].every(Boolean), path).toBe(true)
      }
    }
  })
})
