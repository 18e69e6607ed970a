"""Training data: conversion, checks, and sources of batches."""
