// Activations of a small batch before and after a normalisation: point at one value, and those
// that share its statistics are marked, with the arithmetic below.

const POSITIVE = [59, 125, 216]
const NEGATIVE = [217, 119, 6]

const views = new WeakMap() // what is kept of each instance between runs

export default function (component) {
  const { parentElement, data } = component
  let view = views.get(parentElement)
  if (!view) {
    const find = (name) => parentElement.querySelector(`.${name}`)
    view = { root: find("root"), formula: find("formula"), at: [0, 0, 1, 1], drawn: "" }
    view.sides = { before: find("before"), after: find("after") }
    view.root.onkeydown = (event) => key(view, event)
    views.set(parentElement, view)
  }
  const same = JSON.stringify(data)
  if (view.drawn !== same) {
    view.drawn = same
    view.data = data
    view.root.setAttribute("aria-label", `${data.label}: arrow keys walk over the values.`)
    view.cells = { before: draw(view, "before"), after: draw(view, "after") }
    mark(view, view.at)
  }
}

function draw(view, side) {
  const { data } = view
  const values = data[side]
  const scale = Math.max(...values.flat(3).map(Math.abs), 1e-12)
  const cells = []
  const parts = [...data.columns.map((name) => word("column", name))]
  values.forEach((picture, n) => {
    parts.push(word("row", data.rows[n]))
    picture.forEach((map, c) => {
      const box = document.createElement("div")
      box.className = "map"
      box.style.setProperty("--across", map[0].length)
      map.forEach((line, y) =>
        line.forEach((value, x) => {
          const cell = word("cell", short(value))
          const strength = (0.75 * Math.min(1, Math.abs(value) / scale)).toFixed(3)
          cell.style.background = `rgba(${value < 0 ? NEGATIVE : POSITIVE},${strength})`
          cell.title = long(value)
          cell.onpointerenter = (event) => event.pointerType === "mouse" && mark(view, [n, c, y, x])
          cell.onclick = () => mark(view, [n, c, y, x])
          cells.push({ cell, at: [n, c, y, x] })
          box.append(cell)
        }),
      )
      const [mean, std] = moments(map.flat())
      box.append(word("moments", `${short(mean)} ± ${short(std)}`))
      parts.push(box)
    })
  })
  view.sides[side].style.setProperty("--columns", data.columns.length)
  view.sides[side].replaceChildren(...parts)
  return cells
}

function word(name, text) {
  const node = document.createElement("span")
  node.className = name
  node.textContent = text
  return node
}

function moments(values) {
  const mean = values.reduce((one, other) => one + other, 0) / values.length
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return [mean, Math.sqrt(square)]
}

function get(values, at) {
  return at.reduce((inner, index) => inner[index], values)
}

function together(data, here, other) {
  if (!data.local) {
    return get(data.shares, here) === get(data.shares, other)
  }
  const [n, c, y, x] = other
  const first = here[1] - Math.floor(data.local[0] / 2)
  const last = here[1] + Math.floor((data.local[0] - 1) / 2)
  return n === here[0] && y === here[2] && x === here[3] && c >= first && c <= last
}

function mark(view, at) {
  const { data } = view
  const most = [data.before.length, data.before[0].length, data.before[0][0].length, data.before[0][0][0].length]
  view.at = at.map((index, axis) => Math.max(0, Math.min(most[axis] - 1, index)))
  let count = 0
  for (const side of ["before", "after"]) {
    for (const { cell, at: place } of view.cells[side]) {
      const shares = together(data, view.at, place)
      cell.classList.toggle("shares", shares)
      cell.classList.toggle("here", place.every((index, axis) => index === view.at[axis]))
      count += shares && side === "before"
    }
  }
  view.root.dataset.count = count
  write(view, count)
}

function write(view, count) {
  const { data, at } = view
  const [x, y] = [get(data.before, at), get(data.after, at)]
  const [mean, std] = [get(data.mean, at), get(data.std, at)]
  let text
  if (data.local) {
    const [n, alpha, beta, k] = data.local
    const squares = view.cells.before
      .filter(({ at: place }) => together(data, at, place))
      .map(({ at: place }) => `${factor(get(data.before, place))}²`)
    text = `${long(x)} / (${long(k)} + ${long(alpha)}/${n} · (${squares.join(" + ")}))^${long(beta)} = ${long(x)} / ${long(std)}`
  } else {
    text = `(${long(x)} − ${factor(mean)}) / √(${long(std)}² + ε)`
  }
  const who = data.local
    ? `${count} of ${data.columns.length} channels at this position`
    : `${count} values share the mean ${long(mean)} and the deviation ${long(std)}`
  view.formula.replaceChildren(word("who", who), word("terms", `${text} = `), word("result", long(y)))
}

function key(view, event) {
  const { data, at } = view
  const side = data.before[0][0].length
  const wide = data.before[0][0][0].length
  const [row, column] = [at[0] * side + at[2], at[1] * wide + at[3]]
  const to = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
  }[event.key]
  if (!to || event.ctrlKey || event.metaKey || event.altKey) {
    return
  }
  event.preventDefault()
  const [y, x] = to
  if (y >= 0 && x >= 0 && y < side * data.before.length && x < wide * data.columns.length) {
    mark(view, [Math.floor(y / side), Math.floor(x / wide), y % side, x % wide])
  }
}

function trim(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text
}

function short(value) {
  const places = Math.abs(value) >= 10 ? 0 : Math.abs(value) >= 1 ? 1 : 2
  const text = trim(value.toFixed(places))
  return (text === "-0" ? "0" : text).replace("-", "−").replace(/^(−?)0\./, "$1.")
}

function long(value) {
  const text = trim(value.toFixed(Math.abs(value) >= 100 ? 1 : 3))
  return (text === "-0" ? "0" : text).replace("-", "−")
}

function factor(value) {
  return value < 0 ? `(${long(value)})` : long(value)
}
