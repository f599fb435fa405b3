# SPDX-License-Identifier: Apache-2.0
"""What is measured, in this order."""

from nsbench import node, system

FAMILIES = [system.MicroPinned, system.MicroThink, system.MicroThreads,
            system.Start, system.Grep, system.Clone, system.Make, node.Node,
            node.Modules, node.Modules5000, node.Express, node.HttpHello,
            node.HttpFile, node.Memory]
