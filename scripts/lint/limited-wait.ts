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

const message =
  'Whoever is asked here may never answer: await withinLimit(…) of @reliable-channels/stage instead.'

/**
 * A wait for somebody else's promise has a limit.
 *
 * The linter knows no types: an outsider is known by its name, by the type that a file gives it, or because an outsider
 * returned it. What a wrapper has given a limit has a name that begins with `limited`. A wait is an `await`, a
 * `for await`, and what an asynchronous function returns; it is for an outsider wherever in it one is called, unless that
 * is handed to one of those that wait within a limit.
 */
export const limitedWait: Rule = {
  create(context) {
    const outsiders = new Set<string>()
    /** Names of promises of outsiders, and of functions that ask one. */
    const promises = new Set<string>()
    const askers = new Set<string>()
    const insiders = new Set<string>()
    /** Names, and what they were made of. */
    const made: { readonly name: string; readonly by: unknown }[] = []
    /** Names of what was taken out of something, and by which name it was there. */
    const taken: { readonly name: string; readonly key: string; readonly from: unknown }[] = []
    const waits: { readonly node: SyntaxNode; readonly awaited: unknown }[] = []

    const isOutsiderName = (name: string): boolean => {
      if (name.startsWith('limited') || insiders.has(name)) return false
      return OUTSIDER_NAMES.test(name) || outsiders.has(name)
    }

    /** `store`, `this.#store`, `node.store`, but nothing that `limited` has. */
    const isOutsider = (expression: unknown): boolean => {
      const bare = unwrapped(expression)
      const { type, name, property, object } = bare
      if (type === 'MemberExpression') return !isLimited(object) && isOutsider(property)
      if (type === 'LogicalExpression') return isOutsider(bare['left']) || isOutsider(bare['right'])
      if (type === 'ConditionalExpression')
        return isOutsider(bare['consequent']) || isOutsider(bare['alternate'])
      return (type === 'Identifier' || type === 'PrivateIdentifier') && isOutsiderName(String(name))
    }

    /** Whether an expression is a method of an outsider, or of what one returned. */
    const isMethod = (expression: unknown): boolean => {
      const { type, callee, object, name } = unwrapped(expression)
      if (type === 'CallExpression') return isMethod(callee)
      if (type === 'MemberExpression') return isOutsider(object) || isMethod(object)
      return type === 'Identifier' && (askers.has(String(name)) || promises.has(String(name)))
    }

    /** Whether an outsider is called anywhere in it; what is awaited in it is judged by itself. */
    const asksOutsider = (node: unknown): boolean => {
      if (!isNode(node) || isHelper(node) || APART.has(node.type)) return false
      const { type, callee, name } = node
      if (type === 'CallExpression' && isMethod(callee)) return true
      if (type === 'Identifier' && promises.has(String(name))) return true
      return childrenOf(node).some(asksOutsider)
    }

    const annotated = (node: SyntaxNode): void => {
      const type = typeNameOf(node)
      const { type: kind, key, name } = node
      const declared = String(kind === 'PropertyDefinition' ? (key as SyntaxNode)['name'] : name)
      if (type === undefined) return
      if (INSIDER_TYPES.test(type)) insiders.add(declared)
      else if (OUTSIDER_TYPES.has(type)) outsiders.add(declared)
    }

    const took = ({ properties }: SyntaxNode, from: unknown): void => {
      for (const { type, key, value } of properties as readonly SyntaxNode[]) {
        if (type !== 'Property') continue
        const { type: kind, left } = value as SyntaxNode
        const local = (kind === 'AssignmentPattern' ? left : value) as SyntaxNode
        if (local.type !== 'Identifier') continue
        taken.push({ name: String(local['name']), key: String((key as SyntaxNode)['name']), from })
      }
    }

    /** What a name stands for; again until there is no more to find out. */
    const nameAll = (): void => {
      for (let before = -1; before < outsiders.size + promises.size + askers.size;) {
        before = outsiders.size + promises.size + askers.size
        for (const { name, by } of made) {
          if (name.startsWith('limited') || !isNode(by)) continue
          const isFunction = by.type.endsWith('FunctionExpression')
          if (isOutsider(by)) outsiders.add(name)
          else if (isFunction ? asksOutsider(by['body']) : isMethod(by) && by.type !== 'CallExpression')
            askers.add(name)
          else if (!isFunction && isMethod(by)) promises.add(name)
        }
        for (const { name, key, from } of taken) {
          if (name.startsWith('limited')) continue
          if (isOutsider(from)) askers.add(name)
          else if (!isLimited(from) && isOutsiderName(key)) outsiders.add(name)
        }
      }
    }

    const returns = (node: SyntaxNode, value: unknown): void => {
      if (isAsync(node)) waits.push({ node, awaited: value })
    }

    return {
      Identifier: annotated,
      PropertyDefinition: annotated,
      VariableDeclarator: ({ id, init }) => {
        const { type, name } = id as SyntaxNode
        if (type === 'Identifier') made.push({ name: String(name), by: init })
        else if (type === 'ObjectPattern') took(id as SyntaxNode, init)
      },
      AwaitExpression: (node) => void waits.push({ node, awaited: node['argument'] }),
      ForOfStatement: (node) => {
        if (node['await'] === true) waits.push({ node, awaited: node['right'] })
      },
      ReturnStatement: (node) => returns(node, node['argument']),
      ArrowFunctionExpression: (node) => {
        if (node.async === true && (node['body'] as SyntaxNode).type !== 'BlockStatement')
          waits.push({ node, awaited: node['body'] })
      },
      'Program:exit': () => {
        nameAll()
        for (const { node, awaited } of waits) {
          if (asksOutsider(awaited) && !isHelped(node)) context.report({ node, message })
        }
      },
    }
  },
}

/** An expression without what changes nothing about it. */
function unwrapped(expression: unknown): SyntaxNode {
  const node = (expression ?? {}) as SyntaxNode
  return TRANSPARENT.has(node.type) ? unwrapped(node['expression']) : node
}

const TRANSPARENT = new Set([
  'ChainExpression',
  'ParenthesizedExpression',
  'TSNonNullExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
])

/** What stands in these is not waited for where they are. */
const APART = new Set(['AwaitExpression', 'ObjectExpression', 'ClassExpression'])

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string'

/** The nodes that a node is made of, but for types and the names of members. */
function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (const [key, value] of Object.entries(node)) {
    if (key === 'parent' || key === 'typeAnnotation' || (key === 'key' && node['computed'] !== true)) continue
    if (key === 'property' && node['computed'] !== true) continue
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) children.push(each)
  }
  return children
}

/** Whether the function that a node stands in is asynchronous. */
function isAsync(node: SyntaxNode): boolean {
  for (let { parent } = node; parent !== undefined && parent !== null; parent = parent.parent)
    if (/Function/.test(parent.type)) return parent.async === true && parent['generator'] !== true
  return false
}

function isLimited(expression: unknown): boolean {
  const { type, name } = (expression ?? {}) as SyntaxNode
  return type === 'Identifier' && String(name).startsWith('limited')
}

/** A call of one that waits within a limit. */
function isHelper({ type, callee }: SyntaxNode): boolean {
  return type === 'CallExpression' && HELPERS.has(String((callee as SyntaxNode)['name']))
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
    if (isHelper(parent)) return true
  }
  return false
}
