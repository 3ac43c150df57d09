import type { Rule, SyntaxNode } from './syntax.ts'

/** How an outsider is called: what applications and platforms hand over, and whether it ever answers is not ours to say. */
const OUTSIDER_NAMES =
  /^#?(store|transport|locks?|database|cipher|quotaProvider|hooks?|libp2p|peerStore|connection|stream)$/i

/** Types of outsiders: whatever has one is an outsider, by whatever name. */
const OUTSIDER_TYPES = new Set([
  'Store',
  'Transport',
  'Cipher',
  'Locks',
  'Exclusive',
  'QuotaProvider',
  'LevelDatabase',
  'LevelIterator',
  'Libp2p',
  'PeerStore',
  'Connection',
  'Stream',
  'LightNode',
  'IWaku',
])

/** Our own, whatever their names: they answer within a limit. */
const INSIDER_TYPES = /^(Limited|WakuTransport$)/

/** Those that wait within a limit. Of what they are given nothing is waited for without one. */
const HELPERS = new Set(['withinLimit', 'withTimeout', 'waitFor', 'iterateWithin', 'answerWithin'])

/** Make one promise of several. */
const JOINS = new Set(['all', 'allSettled', 'any', 'race'])

const message =
  'Whoever is asked here may never answer: await withinLimit(…) of @reliable-channels/stage instead.'

/**
 * A wait for somebody else's promise has a limit.
 *
 * The linter knows no types: an outsider is known by its name, by the type that a file gives it, or because an outsider
 * returned it. What a wrapper has given a limit has a name that begins with `limited`.
 */
export const limitedWait: Rule = {
  create(context) {
    const outsiders = new Set<string>()
    const insiders = new Set<string>()
    const made: { readonly name: string; readonly by: unknown }[] = []
    const waits: { readonly node: SyntaxNode; readonly awaited: unknown }[] = []

    const isOutsiderName = (name: string): boolean => {
      if (name.startsWith('limited') || insiders.has(name)) return false
      return OUTSIDER_NAMES.test(name) || outsiders.has(name)
    }

    /** `store`, `this.#store`, `node.store`, but nothing that `limited` has. */
    const isOutsider = (expression: unknown): boolean => {
      const { type, name, property, object, expression: inner } = (expression ?? {}) as SyntaxNode
      if (type === 'ChainExpression' || type === 'TSNonNullExpression') return isOutsider(inner)
      if (type === 'MemberExpression') return !isLimited(object) && isOutsider(property)
      return (type === 'Identifier' || type === 'PrivateIdentifier') && isOutsiderName(String(name))
    }

    /** Whether an expression is what a method of an outsider returned, also with `.catch(…)` behind it. */
    const asksOutsider = (expression: unknown): boolean => {
      const { type, callee, object, expression: inner, name } = (expression ?? {}) as SyntaxNode
      if (type === 'ChainExpression' || type === 'TSNonNullExpression') return asksOutsider(inner)
      if (type === 'MemberExpression') return isOutsider(object) || asksOutsider(object)
      if (type === 'Identifier') return outsiders.has(String(name))
      if (type !== 'CallExpression') return false
      return isJoin(callee) ? asksAny(expression as SyntaxNode) : asksOutsider(callee)
    }

    const asksAny = ({ arguments: given }: SyntaxNode): boolean => {
      const [list] = given as readonly SyntaxNode[]
      return list?.type === 'ArrayExpression' && (list['elements'] as readonly unknown[]).some(asksOutsider)
    }

    const annotated = (node: SyntaxNode): void => {
      const type = typeNameOf(node)
      const { type: kind, key, name } = node
      const declared = String(kind === 'PropertyDefinition' ? (key as SyntaxNode)['name'] : name)
      if (type === undefined) return
      if (INSIDER_TYPES.test(type)) insiders.add(declared)
      else if (OUTSIDER_TYPES.has(type)) outsiders.add(declared)
    }

    return {
      Identifier: annotated,
      PropertyDefinition: annotated,
      VariableDeclarator: ({ id, init }) => {
        const { type, name } = id as SyntaxNode
        if (type === 'Identifier') made.push({ name: String(name), by: init })
      },
      AwaitExpression: (node) => void waits.push({ node, awaited: node['argument'] }),
      ForOfStatement: (node) => {
        if (node['await'] === true) waits.push({ node, awaited: node['right'] })
      },
      'Program:exit': () => {
        for (const { name, by } of made) if (asksOutsider(by)) outsiders.add(name)
        for (const { node, awaited } of waits) {
          if (asksOutsider(awaited) && !isHelped(node)) context.report({ node, message })
        }
      },
    }
  },
}

function isLimited(expression: unknown): boolean {
  const { type, name } = (expression ?? {}) as SyntaxNode
  return type === 'Identifier' && String(name).startsWith('limited')
}

/** `Promise.all`. */
function isJoin(callee: unknown): boolean {
  const { type, object, property } = (callee ?? {}) as SyntaxNode
  if (type !== 'MemberExpression' || (object as SyntaxNode)['name'] !== 'Promise') return false
  return JOINS.has(String((property as SyntaxNode)['name']))
}

/** The type that a name or a field was given, when it is one with a name, also `| undefined`. */
function typeNameOf({ typeAnnotation }: SyntaxNode): string | undefined {
  const { type, types } = ((typeAnnotation as SyntaxNode | null | undefined)?.['typeAnnotation'] ??
    {}) as SyntaxNode
  const named = type === 'TSUnionType' ? (types as readonly SyntaxNode[]) : [typeAnnotation as SyntaxNode]
  for (const one of named) {
    const reference = (one?.type === 'TSTypeAnnotation' ? one['typeAnnotation'] : one) as
      | SyntaxNode
      | undefined
    if (reference?.type === 'TSTypeReference') return String((reference['typeName'] as SyntaxNode)['name'])
  }
  return undefined
}

/** Whether a node stands in what is handed to one that waits within a limit. */
function isHelped(node: SyntaxNode): boolean {
  for (let { parent } = node; parent !== undefined && parent !== null; parent = parent.parent) {
    const { callee } = parent
    if (parent.type === 'CallExpression' && HELPERS.has(String((callee as SyntaxNode)['name']))) return true
  }
  return false
}
