// @ts-check
/**
 * A plugin of oxlint. `money/no-floats` refuses whatever would make a float of an amount: amounts are minor units in a
 * bigint, or the digits of a decimal as text. What is an amount it knows by name: `total`, `cart_amount`, `unitCost`.
 *
 * @typedef {{ type: string, parent?: Node, [field: string]: unknown }} Node
 * @typedef {{ report(finding: { node: Node, message: string }): void }} Context
 */

const amounts = /(^|_)(amount|total|minor|major|money|price|cost|fee|discount|balance)s?$/;

/** @param {string} name */
const isAmount = (name) =>
  amounts.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()) || name === 'formatMajor';

const floatsByThemselves = new Set(['parseFloat', 'toFixed', 'toPrecision', 'toExponential']);
const conversions = new Set(['Number', 'parseInt', 'round', 'floor', 'ceil', 'trunc', 'fround']);

/** What a call calls: `round` of `Math.round(x)`. @param {Node} call */
function calledName(call) {
  const callee = /** @type {Node} */ (call.callee);
  return nameOf(callee.type === 'MemberExpression' ? callee.property : callee);
}

/** @param {unknown} value */
function nameOf(value) {
  const { name, value: text } = /** @type {Node} */ (value ?? {});
  if (typeof name === 'string') return name;
  return typeof text === 'string' ? text : '';
}

/** @param {unknown} value @returns {value is Node} */
const isNode = (value) => typeof value === 'object' && value !== null && 'type' in value;

/** The parts of a node. @param {Node} node @returns {Node[]} */
const partsOf = (node) =>
  Object.entries(node)
    .filter(([field]) => field !== 'parent')
    .flatMap(([, value]) => value)
    .filter(isNode);

/** Whether an expression has an amount in it. @param {Node} node @returns {boolean} */
const hasAmount = (node) =>
  (node.type === 'Identifier' && isAmount(nameOf(node))) ||
  isBigInt(node) ||
  partsOf(node).some(hasAmount);

/** @param {Node} node */
const isBigInt = (node) => node.type === 'Literal' && typeof node.bigint === 'string';

/** @param {Node} node @returns {boolean} */
const hasBigInt = (node) => isBigInt(node) || partsOf(node).some(hasBigInt);

/** Whether this is the value that something named as an amount gets. @param {Node} node @returns {boolean} */
function isGivenToAmount(node) {
  for (let child = node, at = node.parent; at !== undefined && at !== null; at = at.parent) {
    if (at.type === 'VariableDeclarator') return at.init === child && isAmount(nameOf(at.id));
    if (at.type === 'Property') return at.value === child && isAmount(nameOf(at.key));
    if (/Function|Statement|Program/.test(at.type)) return false;
    child = at;
  }
  return false;
}

/** Whether a type lets a number in. @param {Node} type @returns {boolean} */
const takesNumber = (type) =>
  type.type === 'TSNumberKeyword' ||
  (type.type === 'TSUnionType' && partsOf(type).some(takesNumber)) ||
  (type.type === 'TSTypeAnnotation' && takesNumber(/** @type {Node} */ (type.typeAnnotation)));

const noFloats = {
  /** @param {Context} context */
  create(context) {
    /** @param {Node} node @param {string} message */
    const refuse = (node, message) => context.report({ node, message });
    /** @param {Node} node @param {unknown} name */
    const checkType = (node, name) => {
      const type = /** @type {Node | undefined} */ (node.typeAnnotation);
      if (type && takesNumber(type) && isAmount(nameOf(name))) {
        refuse(
          node,
          'An amount is a bigint of minor units, or its digits as text, never a number.',
        );
      }
    };
    return {
      /** @param {Node} node */
      Literal(node) {
        const raw = typeof node.value === 'number' ? String(node.raw) : '';
        if (/^[\d_]*\.\d|^\d[^xob]*e-/i.test(raw)) refuse(node, 'A float: write it as a fraction.');
      },
      /** @param {Node} node */
      CallExpression(node) {
        const name = calledName(node);
        const given = /** @type {Node[]} */ (node.arguments);
        if (floatsByThemselves.has(name)) refuse(node, `\`${name}\` works with floats.`);
        else if (conversions.has(name) && given.some(hasAmount)) {
          refuse(node, `\`${name}\` makes a float of an amount.`);
        } else if (given.some((each) => nameOf(each) === 'Number') && isAboutAmount(node)) {
          refuse(node, '`Number` makes a float of an amount.');
        } else if (name === 'number' && isGivenToAmount(node)) {
          refuse(node, 'An amount that is read as a number is a float.');
        }
      },
      /** @param {Node} node */
      UnaryExpression(node) {
        const operand = /** @type {Node} */ (node.argument);
        if (node.operator === '+' && hasAmount(operand)) refuse(node, '`+` makes a float of it.');
      },
      /** @param {Node} node */
      BinaryExpression(node) {
        // Of two bigints it is whole; one of them is written as such.
        const isWhole = node.operator !== '/' || hasBigInt(node);
        if (!isWhole && hasAmount(node)) refuse(node, 'A share of an amount is a float.');
      },
      /** @param {Node} node */
      Identifier: (node) => checkType(node, node),
      /** @param {Node} node */
      TSPropertySignature: (node) => checkType(node, node.key),
      /** @param {Node} node */
      PropertyDefinition: (node) => checkType(node, node.key),
    };
  },
};

/** @param {Node} node */
const isAboutAmount = (node) => hasAmount(node) || isGivenToAmount(node);

export default { meta: { name: 'money' }, rules: { 'no-floats': noFloats } };
