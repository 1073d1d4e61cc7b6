//! Finds the Microsoft Graph calls that source code, scripts, workflows and recordings make.
