// SPDX-License-Identifier: Apache-2.0
'use strict';

exports.text = 'hello from the demo';
