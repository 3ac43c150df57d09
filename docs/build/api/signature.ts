import { type DeclarationReflection, ReflectionKind, type SignatureReflection, type SomeType } from 'typedoc'

const WIDTH = 90

/** A type in one line. */
export const typeText = (type: SomeType | undefined): string => type?.toString() ?? 'unknown'

/** How something is declared, as TypeScript has it, without what it does. */
export function declarationText(reflection: DeclarationReflection): string {
  const { name, kind } = reflection
  const parameters = typeParameters(reflection)
  switch (kind) {
    case ReflectionKind.Function:
      return (reflection.signatures ?? []).map((one) => `function ${callText(name, one)}`).join('\n')
    case ReflectionKind.Class: {
      const base = reflection.extendedTypes?.map(typeText).join(', ')
      return `class ${name}${parameters}${base === undefined ? '' : ` extends ${base}`}`
    }
    case ReflectionKind.Interface: {
      const bases = reflection.extendedTypes?.map(typeText).join(', ')
      return `interface ${name}${parameters}${bases === undefined ? '' : ` extends ${bases}`}`
    }
    case ReflectionKind.TypeAlias:
      return `type ${name}${parameters} = ${wrapped(reflection.type)}`
    default:
      return `const ${name}: ${typeText(reflection.type)}`
  }
}

/** A call as it is declared: name, parameters, result; over several lines where one is too long. */
export function callText(name: string, signature: SignatureReflection): string {
  const parameters = (signature.parameters ?? []).map(
    ({ name: parameter, flags, type, defaultValue }) =>
      `${flags.isRest ? '...' : ''}${parameter === '__namedParameters' ? 'options' : parameter}${flags.isOptional || defaultValue !== undefined ? '?' : ''}: ${typeText(type)}`,
  )
  const result = typeText(signature.type)
  const line = `${name}${typeParameters(signature)}(${parameters.join(', ')}): ${result}`
  if (line.length <= WIDTH || parameters.length === 0) return line
  return `${name}${typeParameters(signature)}(\n${parameters.map((one) => `  ${one},\n`).join('')}): ${result}`
}

/** A property or method, as a table names it. */
export function memberText(member: DeclarationReflection): string {
  const [signature] = member.signatures ?? []
  const optional = member.flags.isOptional ? '?' : ''
  if (signature !== undefined)
    return callText(`${member.name}${optional}`, signature).replaceAll(/\n\s*/g, ' ')
  const type = member.type ?? member.getSignature?.type
  return `${member.name}${optional}: ${typeText(type)}`
}

function typeParameters(of: DeclarationReflection | SignatureReflection): string {
  if (of.typeParameters === undefined) return ''
  const list = of.typeParameters.map(({ name, type }) => (type ? `${name} extends ${typeText(type)}` : name))
  return `<${list.join(', ')}>`
}

/** A type over several lines, if it is a long union. */
function wrapped(type: SomeType | undefined): string {
  const line = typeText(type)
  if (line.length <= WIDTH || type?.type !== 'union') return line
  return type.types.map((one) => `\n  | ${typeText(one)}`).join('')
}
