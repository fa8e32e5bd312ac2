"""A designed network as PyTorch code that runs by itself and is the same network.

Module names are those of `explorer.blocks.build`, so that weights and anatomies fit each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from explorer.blocks.build import build, make
from explorer.blocks.joining import Add, Concatenate, Multiply
from explorer.blocks.network import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from explorer.blocks.blueprint import Blueprint
    from explorer.blocks.fitting import Shape
    from explorer.blocks.parts import Part

_JOINS: dict[type[nn.Module], str] = {
    Add: '''class Add(nn.Module):
    """The sum of paths that read the same input; an empty path passes it on."""

    def __init__(self, *paths):
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, x):
        total = self.paths[0](x)
        for path in list(self.paths)[1:]:
            total = total + path(x)
        return total
''',
    Concatenate: '''class Concatenate(nn.Module):
    """The channels of all paths, which read the same input, one behind the other."""

    def __init__(self, *paths):
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, x):
        return torch.cat([path(x) for path in self.paths], 1)
''',
    Multiply: '''class Multiply(nn.Module):
    """The product of paths that read the same input; one number per channel weighs its map."""

    def __init__(self, *paths):
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, x):
        product = self.paths[0](x)
        for path in list(self.paths)[1:]:
            product = product * path(x)
        return product
''',
}


def of_blueprint(blueprint: Blueprint) -> str:
    """Write a designed network as a Python file. Raises BadDesign where it does not fit."""
    return pytorch(blueprint.name, parts(blueprint), blueprint.shape)


def pytorch(name: str, design: Sequence[Part], shape: tuple[int, int, int]) -> str:
    """Write a design for inputs (C, H, W) as a Python file that builds and tries it.

    `name` is what the file says it is. Raises BadDesign where the design does not fit together.
    """
    network = build(design, shape)
    used = {type(each) for each in network.modules()}
    title = "".join(each for each in name if each.isprintable() and each not in '"\\')
    pieces = [
        f'"""{title}, designed with ConvZoo, for inputs of {_sides(shape)}."""\n',
        "from collections import OrderedDict\n\nimport torch\nfrom torch import nn\n",
        *(f"\n{source}" for kind, source in _JOINS.items() if kind in used),
        "\ndef build():",
        '    """Build the network; shapes are channels x height x width behind the line."""',
        "    return nn.Sequential(OrderedDict([",
        *_lines(network, design, shape),
        "    ]))\n\n",
        'if __name__ == "__main__":',
        "    network = build().eval()",
        f"    x = torch.rand(1, {', '.join(map(str, shape))})",
        '    print(sum(each.numel() for each in network.parameters()), "parameters")',
        '    print(tuple(x.shape), "->", tuple(network(x).shape))',
    ]
    return "\n".join(pieces) + "\n"


def _lines(network: nn.Module, design: Sequence[Part], shape: Shape) -> Iterator[str]:
    """One entry for each named module; the last of a part says what shape leaves it."""
    named = iter(network.named_children())
    for number, part in enumerate(design):
        made = make(part, shape, (number,))
        shape = made.shape
        for left in range(len(made.modules), 0, -1):
            name, module = next(named)
            text = _code(module, 8)
            note = f"  # {_sides(shape)}" if left == 1 else ""
            yield f'        ("{name}", {text}),{note}'


def _code(module: nn.Module, indent: int) -> str:
    """The expression that makes a module."""
    if isinstance(module, (Add, Concatenate, Multiply)):
        inner = " " * (indent + 4)
        paths = "".join(f"\n{inner}{_code(path, indent + 4)}," for path in module.paths)
        return f"{type(module).__name__}({paths}\n{' ' * indent})"
    if isinstance(module, nn.Sequential):
        return _sequential(module, indent)
    return f"nn.{_CALLS[type(module)](module)}"


def _sequential(module: nn.Sequential, indent: int) -> str:
    if not len(module):
        return "nn.Sequential()"
    inner = " " * (indent + 4)
    entries = "".join(
        f'\n{inner}("{name}", {_code(child, indent + 4)}),'
        for name, child in module.named_children()
    )
    return f"nn.Sequential(OrderedDict([{entries}\n{' ' * indent}]))"


def _conv(module: nn.Conv2d) -> str:
    arguments = [module.in_channels, module.out_channels, _pair(module.kernel_size)]
    named = {
        "stride": (_pair(module.stride), "1"),
        "padding": (_pair(module.padding), "0"),
        "dilation": (_pair(module.dilation), "1"),
        "groups": (str(module.groups), "1"),
        "bias": (str(module.bias is not None), "True"),
    }
    return _call("Conv2d", arguments, named)


def _max_pool(module: nn.MaxPool2d) -> str:
    return _pool("MaxPool2d", module.kernel_size, module.stride, module.padding)


def _average_pool(module: nn.AvgPool2d) -> str:
    return _pool("AvgPool2d", module.kernel_size, module.stride, module.padding)


def _pool(kind: str, kernel: object, stride: object, padding: object) -> str:
    return _call(kind, [_pair(kernel), _pair(stride)], {"padding": (_pair(padding), "0")})


def _linear(module: nn.Linear) -> str:
    return _call(
        "Linear",
        [module.in_features, module.out_features],
        {"bias": (str(module.bias is not None), "True")},
    )


def _call(kind: str, arguments: Sequence[object], named: dict[str, tuple[str, str]]) -> str:
    """A call that leaves out what is torch's own default anyway."""
    said = [f"{name}={value}" for name, (value, default) in named.items() if value != default]
    return f"{kind}({', '.join([*map(str, arguments), *said])})"


def _pair(value: object) -> str:
    """A number where both sides agree, else the pair."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return str(value[0])
    return str(value)


_CALLS: dict[type[nn.Module], Callable[..., str]] = {
    nn.Conv2d: _conv,
    nn.MaxPool2d: _max_pool,
    nn.AvgPool2d: _average_pool,
    nn.AdaptiveAvgPool2d: lambda module: "AdaptiveAvgPool2d(1)",
    nn.Linear: _linear,
    nn.Flatten: lambda module: "Flatten()",
    nn.Dropout: lambda module: f"Dropout({module.p:g})",
    nn.BatchNorm2d: lambda module: f"BatchNorm2d({module.num_features})",
    nn.InstanceNorm2d: lambda module: f"InstanceNorm2d({module.num_features}, affine=True)",
    nn.GroupNorm: lambda module: f"GroupNorm({module.num_groups}, {module.num_channels})",
    **{
        kind: lambda module: f"{type(module).__name__}()"
        for kind in (
            nn.ReLU, nn.ReLU6, nn.Tanh, nn.Sigmoid, nn.SiLU, nn.Hardswish, nn.GELU,
        )
    },
}  # fmt: skip


def _sides(shape: Shape) -> str:
    return " x ".join(map(str, shape))
